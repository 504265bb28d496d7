"""``saim predict``: segment one series and write the labelmap."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import add_device_argument, add_model_argument, add_project_argument
from SAIMCore.cli.chosen_model import load_predictor
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.errors import ConfigurationError, ProjectError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from SAIMCore.data.geometry import Geometry
    from SAIMCore.data.preprocessing import PreprocessingOptions
    from SAIMCore.data.sources import SeriesSource
    from SAIMCore.interactions import Interaction
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.session.conditioning import SliceConditioning

__all__ = ["add_arguments", "run"]

BATCH_SIZE = 16


@dataclass(frozen=True)
class PreparedSeries:
    """Normalized slices (S, h, w) and the grid that they come from."""

    source: SeriesSource
    slices: NDArray[Any]
    geometry: Geometry


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
        help="clicks and strokes to obey, like "
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
        help="with --condition: clicks and strokes grow into neighbors whose intensity differs by "
        "less than T standard deviations of the series",
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
    conditioning = _conditioning(options)
    with Project.open(options.project, read_only=True) as project:
        source = _source(project, options.series)
        _check_output(options.output, source, options.overwrite)
        clicks = read_clicks(options.clicks) if options.clicks is not None else None
        predictor = load_predictor(project, options.model, options.device)
        with console.progress(f"reading {source.name}"):
            prepared = _prepare(source, predictor.config.preprocessing)
        if clicks is None:
            stack = _automatic(console, predictor, prepared)
        else:
            stack = _with_clicks(console, predictor, prepared, clicks, conditioning)
        labels = from_slices(stack, prepared.geometry.acquisition_axis)
        write_labelmap(options.output, labels, prepared.geometry, project.classes)
        document = _document(project, predictor, prepared, stack, options)
    rows = [(entry["name"], entry["voxels"], f"{entry['ml']:.1f}") for entry in document["classes"]]
    console.table(("class", "voxels", "ml"), rows)
    console.say(f"{source.name} segmented by {predictor.version}: {options.output}")
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


def _prepare(source: SeriesSource, preprocessing: PreprocessingOptions) -> PreparedSeries:
    from SAIMCore.data.geometry import to_slices
    from SAIMCore.data.preprocessing import preprocess
    from SAIMCore.data.reading import read_series

    volume = read_series(source)
    values = preprocess(volume.array, preprocessing, volume.geometry.spacing)
    slices = to_slices(values, volume.geometry.acquisition_axis)
    return PreparedSeries(source, slices, volume.geometry)


def _automatic(
    console: Console, predictor: Predictor, prepared: PreparedSeries
) -> NDArray[np.uint8]:
    import numpy as np

    from SAIMCore.likeliest import likeliest_class

    found = []
    total = len(prepared.slices)
    with console.progress("segmenting") as bar:
        for probabilities in predictor.automatic(prepared.slices, BATCH_SIZE):
            found.append(likeliest_class(probabilities).cpu().numpy())
            bar(sum(map(len, found)), total)
    return np.concatenate(found)


def _conditioning(options: argparse.Namespace) -> SliceConditioning | None:
    """How answers are made to agree with the clicks. Raises ConfigurationError without a sense."""
    from SAIMCore.session.conditioning import SliceConditioning

    if not options.condition:
        if options.grow is not None:
            raise ConfigurationError("--grow is about --condition; give both, or leave it out")
        return None
    if options.clicks is None:
        raise ConfigurationError("there is nothing to agree with; give --clicks with --condition")
    if options.grow is not None and not options.grow >= 0:
        raise ConfigurationError(f"--grow is {options.grow}; give 0 or more")
    return SliceConditioning(threshold=options.grow)


def _with_clicks(
    console: Console,
    predictor: Predictor,
    prepared: PreparedSeries,
    clicks: Sequence[Interaction],
    conditioning: SliceConditioning | None,
) -> NDArray[np.uint8]:
    """Segment all slices, then let those with clicks be answered once more."""
    from SAIMCore.conditioning.targets import demands
    from SAIMCore.session.checks import check_round
    from SAIMCore.session.clicks_file import group_by_slice
    from SAIMCore.session.interactive import InteractiveSession

    session = InteractiveSession(predictor, prepared.slices, prepared.source.name, undo_limit=0)
    session.conditioning = conditioning
    rounds = group_by_slice(clicks)
    for slice_index, interactions in rounds.items():
        check_round(interactions, session.shape, predictor.classes)
        contradiction = demands(interactions, session.shape[1:]).sentence
        if contradiction:
            console.warn(f"slice {slice_index}: {contradiction}")
    stack = _automatic(console, predictor, prepared)
    with console.progress("answering the clicks") as bar:
        for done, (slice_index, interactions) in enumerate(rounds.items(), start=1):
            session.segment(slice_index)
            stack[slice_index] = session.add(*interactions).labels
            # One slice at a time is kept, however many have clicks.
            session.reset_slice(slice_index)
            bar(done, len(rounds))
    return stack


def _document(
    project: Project,
    predictor: Predictor,
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
        "series": prepared.source.name,
        "model": predictor.version,
        "output": str(options.output),
        "clicks": None if options.clicks is None else str(options.clicks),
        "classes": classes,
    }
