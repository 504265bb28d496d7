"""``saim annotate --virtual-user``: the virtual user clicks and accepts what comes of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.chosen_model import load_predictor
from SAIMCore.cli.measurements import percent
from SAIMCore.cli.series_to_annotate import check_labelmaps, choose_series, find_labelmaps
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ConfigurationError, ProjectError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from SAIMCore.cli.console import Bar, Console
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.virtual_annotation import AnnotationOutcome

__all__ = ["VIRTUAL_USER", "annotate_with_clicks"]

VIRTUAL_USER = "virtual user"


def annotate_with_clicks(console: Console, options: argparse.Namespace) -> None:
    """Check all series and their reference labels, then annotate and accept one after the other.

    Raises ConfigurationError for options that cannot work, ProjectError for a series that may not
    be annotated or has no reference labels, InvalidLabelmapError for reference labels that do not
    fit; then nothing was accepted.
    """
    if not 0 <= options.seconds_per_click < float("inf"):
        raise ConfigurationError(
            f"a click cannot take {options.seconds_per_click} seconds; give 0 or more"
        )
    annotator = options.annotator or VIRTUAL_USER
    from SAIMCore.project.igniter import igniter_before_model

    with open_for_writing(console, options.project) as project:
        _refuse_measured(project, options.series)
        names, left = choose_series(
            console,
            project,
            options.series,
            options.again,
            lambda found: found.annotator == annotator and found.model_version is not None,
        )
        references = _reference_files(project, names, options.reference)
        predictor = igniter_before_model(project, options.device) or load_predictor(
            project, None, options.device
        )
        check_labelmaps(console, project, references)
        done: list[dict[str, Any]] = []
        try:
            with console.progress("annotating") as bar:
                for name in names:
                    _annotate(project, predictor, name, references[name], options, bar, done)
        finally:
            # Also after an error or Ctrl+C: what was accepted stays accepted.
            _show(console, done)
            console.result(
                {
                    "model": predictor.version,
                    "annotations": done,
                    "annotated_before": left,
                    "not_done": names[len(done) :],
                }
            )


def _refuse_measured(project: Project, names: Sequence[str]) -> None:
    """Models are measured by the labels of these series, so a model must not make them."""
    for name in names:
        status = project.series_named(name).status
        if status in ("validation", "test"):
            raise ProjectError(
                f"series {name!r} is a {status} series: its labels are what models are measured "
                "by, so the virtual user may not replace them; leave it out"
            )


def _reference_files(
    project: Project, names: Sequence[str], folder: Path | None
) -> Mapping[str, Path]:
    """The file with the reference labels of every series. Raises ProjectError for a missing one."""
    given = {} if folder is None else find_labelmaps(project, names, folder)
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


def _annotate(
    project: Project,
    predictor: Predictor | MappedIgniter,
    name: str,
    path: Path,
    options: argparse.Namespace,
    bar: Bar,
    done: list[dict[str, Any]],
) -> None:
    """Annotate one series and add it to ``done`` as soon as it is accepted."""
    from SAIMCore.data.reading import read_labelmap

    reference = read_labelmap(path, project.series_named(name).geometry, project.classes)
    outcome = _outcome(
        project,
        predictor,
        name,
        reference,
        options,
        lambda slices, total: bar(slices, total, f"annotating {name}"),
    )
    entry = {
        "series": name,
        "clicks": outcome.clicks,
        "slices": len(outcome.clicks_per_slice),
        "minutes": outcome.clicks * options.seconds_per_click / 60,
        "against_reference": _agreement(project, outcome.labels, reference),
    }
    annotator = options.annotator or VIRTUAL_USER
    project.annotations.accept(
        name, outcome.labels, annotator, entry["minutes"], outcome.clicks, predictor.version
    )
    done.append(entry)
    # Later than the acceptance: a kill in between must not log the clicks twice.
    project.interactions.add(name, outcome.interactions, annotator, predictor.version)


def _outcome(
    project: Project,
    predictor: Predictor | MappedIgniter,
    name: str,
    reference: NDArray[np.uint8],
    options: argparse.Namespace,
    progress: Callable[[int, int], None],
) -> AnnotationOutcome:
    """What the virtual user makes of the answers of ``predictor``, or of an igniter's proposals."""
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.project.igniter import igniter_series
    from SAIMCore.session.igniter_model import IgniterModel
    from SAIMCore.session.interactive import InteractiveSession
    from SAIMCore.virtual_annotation import annotate_with_virtual_user, correct_with_virtual_user

    if not isinstance(predictor, MappedIgniter):
        return annotate_with_virtual_user(
            project, predictor, name, reference, options.clicks, options.seed, progress
        )
    cached = project.cached(name)
    model = IgniterModel(predictor, igniter_series(project, name), project.settings.preprocessing)
    session = InteractiveSession(model, cached.slices, name)
    session.segment_series()
    return correct_with_virtual_user(
        session, cached.geometry, reference, options.clicks, options.seed, progress
    )


def _agreement(
    project: Project, labels: NDArray[np.uint8], reference: NDArray[np.uint8]
) -> dict[str, Any]:
    from SAIMCore.metrics import SegmentationScores

    measured = SegmentationScores(project.classes)
    measured.add(labels, reference)
    return measured.scores().to_json()


def _show(console: Console, done: Sequence[Mapping[str, Any]]) -> None:
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
            for entry in done
        ],
    )
    console.say(f"accepted {len(done)} annotation{'' if len(done) == 1 else 's'}")
