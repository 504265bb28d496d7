"""``saim annotate``: annotate series with the virtual user."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import add_device_argument, add_project_argument, not_negative
from SAIMCore.cli.chosen_model import load_predictor
from SAIMCore.cli.console import Bar, Console, add_json_argument
from SAIMCore.cli.measurements import percent
from SAIMCore.errors import ConfigurationError, ProjectError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

SECONDS_PER_CLICK = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "People annotate in 3D Slicer or in the browser; here the virtual user clicks, with the "
        "reference labels before its eyes, and accepts what comes of it."
    )
    add_project_argument(parser)
    parser.add_argument("series", nargs="+", metavar="SERIES", help="names of series of the pool")
    parser.add_argument("--virtual-user", action="store_true", help="let the virtual user click")
    parser.add_argument(
        "--clicks",
        type=not_negative,
        default=3,
        metavar="N",
        help="most clicks per class and slice (default: 3)",
    )
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="DIR",
        help="folder of reference labels named like the series (default: those that the project "
        "was made with)",
    )
    parser.add_argument(
        "--annotator", default="virtual user", metavar="NAME", help="default: virtual user"
    )
    parser.add_argument(
        "--seconds-per-click",
        type=float,
        default=SECONDS_PER_CLICK,
        metavar="S",
        help="what a click counts for in annotation time (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=not_negative, metavar="N", default=0, help="seed of the virtual user"
    )
    parser.add_argument(
        "--again", action="store_true", help="also series that have an annotation already"
    )
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Annotate and accept one series after the other."""
    if not options.virtual_user:
        raise ConfigurationError(
            "people annotate in 3D Slicer or in the browser, not on the command line; add "
            "--virtual-user to let the virtual user annotate from reference labels"
        )
    if not 0 <= options.seconds_per_click < float("inf"):
        raise ConfigurationError(
            f"a click cannot take {options.seconds_per_click} seconds; give 0 or more"
        )
    from SAIMCore.project.project import Project

    console = Console(options.json)
    with Project.open(options.project) as project:
        names = list(dict.fromkeys(options.series))
        _refuse_annotated(project, names, options.again)
        references = _reference_files(project, names, options.reference)
        predictor = load_predictor(project, None, options.device)
        results = []
        with console.progress("annotating") as bar:
            for name in names:
                reference = _read_reference(project, name, references[name])
                results.append(_annotate(project, predictor, name, reference, options, bar))
    _show(console, results)
    console.result({"model": predictor.version, "annotations": results})
    return 0


def _refuse_annotated(project: Project, names: Sequence[str], again: bool) -> None:
    """Find what is wrong with any of the series before the first one is annotated."""
    pool = {record.name for record in project.pool()}
    for name in names:
        record = project.series_named(name)
        if record.status == "excluded":
            raise ProjectError(f"series {name!r} is excluded; include it before annotating it")
        if name not in pool and not again:
            raise ProjectError(
                f"series {name!r} is not in the pool (its status is {record.status!r}); "
                "add --again to replace its annotation"
            )


def _reference_files(
    project: Project, names: Sequence[str], folder: Path | None
) -> Mapping[str, Path]:
    """The file with the reference labels of every series. Raises ProjectError for a missing one."""
    from SAIMCore.project.importers.folders import find_labels

    given = {} if folder is None else find_labels(folder)
    found: dict[str, Path] = {}
    for name in names:
        path = given.get(name) if folder is not None else project.series_named(name).reference
        if path is None:
            raise ProjectError(
                f"series {name!r} has no reference labels"
                + (f" in {folder}" if folder is not None else "")
                + "; the virtual user needs them, so give their folder with --reference"
            )
        found[name] = path
    return found


def _read_reference(project: Project, name: str, path: Path) -> NDArray[np.uint8]:
    from SAIMCore.data.reading import read_labelmap

    return read_labelmap(path, project.series_named(name).geometry, project.classes)


def _annotate(
    project: Project,
    predictor: Predictor,
    name: str,
    reference: NDArray[np.uint8],
    options: argparse.Namespace,
    bar: Bar,
) -> dict[str, Any]:
    from SAIMCore.metrics import SegmentationScores
    from SAIMCore.virtual_annotation import annotate_with_virtual_user

    outcome = annotate_with_virtual_user(
        project,
        predictor,
        name,
        reference,
        options.clicks,
        options.seed,
        lambda done, total: bar(done, total, f"annotating {name}"),
    )
    minutes = outcome.clicks * options.seconds_per_click / 60
    project.annotations.accept(
        name, outcome.labels, options.annotator, minutes, outcome.clicks, predictor.version
    )
    # Later than the acceptance: a kill in between must not log the clicks twice.
    project.interactions.add(name, outcome.interactions, options.annotator, predictor.version)
    measured = SegmentationScores(project.classes)
    measured.add(outcome.labels, reference)
    return {
        "series": name,
        "clicks": outcome.clicks,
        "slices": len(outcome.clicks_per_slice),
        "minutes": minutes,
        "against_reference": measured.scores().to_json(),
    }


def _show(console: Console, results: Sequence[Mapping[str, Any]]) -> None:
    console.table(
        ("series", "slices", "clicks", "minutes", "mIoU in %"),
        [
            (
                entry["series"],
                entry["slices"],
                entry["clicks"],
                f"{entry['minutes']:.1f}",
                percent(entry["against_reference"]["mean_iou"]),
            )
            for entry in results
        ],
    )
    console.say(f"accepted {len(results)} annotation{'' if len(results) == 1 else 's'}")
