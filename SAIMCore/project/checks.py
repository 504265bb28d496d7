"""Checks of a whole project: what must be so before a training, and what makes figures too good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from SAIMCore.classes import ClassTable
from SAIMCore.errors import CheckpointError, ProjectError
from SAIMCore.project.patients import HELD_OUT
from SAIMCore.project.records import ModelRecord, SeriesRecord

__all__ = ["check_classes_present", "measured_but_trained_on"]


def check_classes_present(training: Iterable[SeriesRecord], classes: ClassTable) -> None:
    """Raise ProjectError naming the classes without a voxel in the ``training`` series.

    Also raised when there are no training series at all. Reads no file: every annotation was
    counted when it was accepted.
    """
    totals = [0] * len(classes)
    annotations = [record.annotation for record in training if record.annotation is not None]
    if not annotations:
        raise ProjectError(
            "no series is annotated, so there is nothing to train on; annotate some and accept the "
            "labelmaps with 'saim annotate PROJECT --labels DIR'"
        )
    for annotation in annotations:
        for index, voxels in enumerate(annotation.class_voxels):
            totals[index] += voxels
    absent = [classes[index].name for index, total in enumerate(totals) if total == 0]
    if absent:
        what = "class" if len(absent) == 1 else "classes"
        raise ProjectError(
            f"the {what} {', '.join(repr(name) for name in absent)} "
            f"{'has' if len(absent) == 1 else 'have'} no voxel in the {len(annotations)} training "
            "series; annotate a series that shows it, or make a new project without it"
        )


def measured_but_trained_on(statuses: Mapping[str, str], model: ModelRecord | None) -> list[str]:
    """A sentence for every series of ``statuses`` (name to status) held out now but trained on.

    model: the current model; its description says on which series it was trained.
    """
    held_out = [name for name, status in statuses.items() if status in HELD_OUT]
    if model is None or not held_out:
        return []
    # Imports torch, which most changes of a status need not wait for.
    from SAIMCore.checkpoint import load_config

    try:
        trained_on = load_config(model.folder).training.get("series", ())
    except CheckpointError as error:
        return [f"whether model {model.version!r} was trained on these series is unknown: {error}"]
    return [
        f"series {name!r} is for {statuses[name]} now, but model {model.version!r} was trained on "
        "it, so what is measured of that model is too good; train again"
        for name in held_out
        if name in trained_on
    ]
