"""Checks of a whole project that must pass before a training."""

from __future__ import annotations

from collections.abc import Iterable

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.records import SeriesRecord

__all__ = ["check_classes_present"]


def check_classes_present(training: Iterable[SeriesRecord], classes: ClassTable) -> None:
    """Raise ProjectError naming the classes without a voxel in the ``training`` series.

    Also raised when there are no training series at all. Reads no file: every annotation was
    counted when it was accepted.
    """
    totals = [0] * len(classes)
    annotations = [record.annotation for record in training if record.annotation is not None]
    if not annotations:
        raise ProjectError("no series is annotated, so there is nothing to train on; annotate some")
    for annotation in annotations:
        for index, voxels in enumerate(annotation.class_voxels):
            totals[index] += voxels
    absent = [classes[index].name for index, total in enumerate(totals) if total == 0]
    if absent:
        what = "class" if len(absent) == 1 else "classes"
        raise ProjectError(
            f"the {what} {', '.join(repr(name) for name in absent)} "
            f"{'has' if len(absent) == 1 else 'have'} no voxel in the {len(annotations)} training "
            "series; annotate a series that shows it, or remove it from the class table"
        )
