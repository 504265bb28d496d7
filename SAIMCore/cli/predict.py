"""``saim predict``: segment one series and write the labelmap."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import (
    add_device_argument,
    add_model_argument,
    add_project_argument,
    positive,
)
from SAIMCore.cli.chosen_model import load_predictor
from SAIMCore.cli.conditioning_choice import chosen_conditioning, refuse_untrained
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.series_prediction import PreparedSeries, segment
from SAIMCore.errors import ConfigurationError, ProjectError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from SAIMCore.data.sources import SeriesSource
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.session.igniter_model import IgniterModel

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_project_argument(parser)
    parser.add_argument(
        "series",
        metavar="SERIES",
        help="a series of the project, or an image file or DICOM folder anywhere",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="labelmap to write (.nii.gz, .nii, .nrrd, .mha), in the geometry of the image",
    )
    parser.add_argument(
        "--clicks",
        type=Path,
        metavar="FILE.json",
        help="clicks, strokes and boxes to obey, like "
        '[{"slice": 3, "row": 40, "column": 52, "class": 1}]; '
        "those of a slice make one interaction round",
    )
    parser.add_argument(
        "--condition",
        action="store_true",
        help="train the model's last layers for each slice with clicks until its answer agrees "
        "with them, and restore them",
    )
    parser.add_argument(
        "--grow",
        type=float,
        metavar="T",
        help="with --condition: what was marked grows into neighbors whose intensity differs by "
        "less than T standard deviations of the series",
    )
    parser.add_argument(
        "--layers",
        metavar="NAMES",
        help="with --condition: the layers that are trained, like head,decoder.blocks.4 (default: "
        "the last six)",
    )
    parser.add_argument(
        "--steps",
        type=positive,
        metavar="N",
        help="with --condition: steps of the training at most (default: 10)",
    )
    parser.add_argument(
        "--igniter",
        action="store_true",
        help="let the project's igniter segment the series, as it does where there is no model "
        "yet; clicks are answered as with --condition",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing FILE")
    add_model_argument(parser)
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Segment the series, with clicks or without, and write what came of it."""
    from SAIMCore.data.geometry import from_slices
    from SAIMCore.data.reading import write_labelmap
    from SAIMCore.project.project import Project
    from SAIMCore.session.clicks_file import read_clicks

    console = Console(options.json)
    with Project.open(options.project, read_only=True) as project:
        source = _source(project, options.series)
        _check_output(options.output, source, options.overwrite)
        conditioning = chosen_conditioning(options, _uses_igniter(project, options))
        clicks = read_clicks(options.clicks) if options.clicks is not None else []
        model, prepared = _opened(console, project, source, options)
        refuse_untrained(model, options)
        stack = segment(console, model, prepared, clicks, conditioning)
        labels = from_slices(stack, prepared.geometry.acquisition_axis)
        write_labelmap(options.output, labels, prepared.geometry, project.classes)
        document = _document(project, model.version, prepared, stack, options)
    rows = [(entry["name"], entry["voxels"], f"{entry['ml']:.1f}") for entry in document["classes"]]
    console.table(("class", "voxels", "ml"), rows)
    console.say(f"{prepared.name} segmented by {model.version}: {options.output}")
    console.result(document)
    return 0


def _source(project: Project, name: str) -> SeriesSource:
    """The series called ``name`` in the project, or the single one at that path."""
    from SAIMCore.data.sources import find_series

    for record in project.series():
        if record.name == name:
            return record.source
    if not Path(name).exists():
        raise ProjectError(
            f"{name!r} is neither a series of the project nor a file or folder; "
            f"'saim status {project.folder} --series' lists the series"
        )
    found = find_series(Path(name))
    if len(found) > 1:
        listed = ", ".join(source.name for source in found[:5])
        raise ProjectError(
            f"{name} holds {len(found)} series ({listed}{', ...' if len(found) > 5 else ''}); "
            "give the file or the folder of one of them"
        )
    return found[0]


def _check_output(output: Path, source: SeriesSource, overwrite: bool) -> None:
    """Say what is wrong with the place to write to before anything is computed."""
    from SAIMCore.data.reading import check_labelmap_name

    check_labelmap_name(output)
    if not output.parent.is_dir():
        raise ProjectError(f"cannot write {output}: its folder does not exist; create it first")
    if output.resolve() in {file.resolve() for file in source.files}:
        raise ProjectError(f"{output} is the image itself; write the labelmap somewhere else")
    if output.is_dir():
        raise ProjectError(f"{output} is a folder; give the name of a file")
    if output.exists() and not overwrite:
        raise ProjectError(f"{output} already exists; choose another name, or add --overwrite")


def _uses_igniter(project: Project, options: argparse.Namespace) -> bool:
    """Whether the project's igniter is asked: it must be, or there is no model yet."""
    if options.igniter:
        if options.model is not None:
            raise ConfigurationError(
                "--igniter and --model name two things that segment; give one of them"
            )
        return True
    without_model = options.model is None and project.models.current() is None
    return without_model and project.settings.igniter is not None


def _opened(
    console: Console, project: Project, source: SeriesSource, options: argparse.Namespace
) -> tuple[Predictor | IgniterModel, PreparedSeries]:
    """What segments the series, and the series as it gets it."""
    from SAIMCore.data.geometry import to_slices
    from SAIMCore.data.preprocessing import preprocess
    from SAIMCore.data.reading import read_series
    from SAIMCore.igniter.proposer import IgniterSeries
    from SAIMCore.project.igniter import open_project_igniter
    from SAIMCore.session.igniter_model import IgniterModel

    igniter = predictor = None
    if _uses_igniter(project, options):
        igniter = open_project_igniter(project.folder, project.settings, options.device)
    else:
        predictor = load_predictor(project, options.model, options.device)
    with console.progress(f"reading {source.name}"):
        volume = read_series(source)
        model: Predictor | IgniterModel
        if predictor is not None:
            model = predictor
        else:
            assert igniter is not None
            series = IgniterSeries.of(source.name, volume)
            model = IgniterModel(igniter, series, project.settings.preprocessing)
        values = preprocess(volume.array, model.preprocessing, volume.geometry.spacing)
    slices = to_slices(values, volume.geometry.acquisition_axis)
    return model, PreparedSeries(source.name, slices, volume.geometry)


def _document(
    project: Project,
    version: str,
    prepared: PreparedSeries,
    stack: NDArray[np.uint8],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """What was found, per foreground class with what lies within it."""
    milliliters = math.prod(prepared.geometry.spacing) / 1000
    classes = []
    for index in project.classes.foreground:
        voxels = int(project.classes.structure(stack, index).sum())
        name = project.classes[index].name
        classes.append({"name": name, "voxels": voxels, "ml": voxels * milliliters})
    return {
        "series": prepared.name,
        "model": version,
        "output": str(options.output),
        "clicks": None if options.clicks is None else str(options.clicks),
        "classes": classes,
    }
