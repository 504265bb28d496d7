"""From folders of new images and labels to a plan that adds them to an existing project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.proposal import without_leak
from SAIMCore.project.patients import HELD_OUT, patients_across
from SAIMCore.project.records import SeriesRecord

__all__ = ["plan_addition"]


def plan_addition(
    existing: Sequence[SeriesRecord],
    classes: ClassTable,
    images: Path,
    labels: Path | None = None,
) -> ImportPlan:
    """Plan to add the series in ``images`` to a project with ``existing`` series and ``classes``.

    Images that the project has already are left out, so that a folder that grows can be added
    again. Series with labels become annotated ones, the others go to the pool; those of patients in
    the validation or test set are excluded when they have no labels, and a problem when they have.

    Raises ProjectError when the folders cannot be read (see ``collect_folders``) or hold nothing
    new; what is wrong with single series stands in the plan's ``problems``.
    """
    collection = collect_folders(images, labels)
    new = _new(existing, collection.series)
    if not new:
        raise ProjectError(
            f"all {len(collection.series)} series in {images} are in the project already, so there "
            "is nothing to add; check the path"
        )
    held_out = {record.patient: record.status for record in existing if record.status in HELD_OUT}
    planned = tuple(
        without_leak(
            replace(entry, status="annotated" if entry.labels else "unannotated"),
            held_out.get(entry.source.patient) if entry.source.patient else None,
        )
        for entry in new
    )
    return ImportPlan(
        classes,
        planned,
        (*collection.notes, *_notes(len(collection.series) - len(new), planned)),
        (*_taken_names(existing, planned), *_across(existing, planned)),
    )


def _new(existing: Sequence[SeriesRecord], series: Sequence[PlannedSeries]) -> list[PlannedSeries]:
    # The files tell the series of one DICOM folder apart.
    known = {_places(record.source.files) for record in existing}
    return [entry for entry in series if _places(entry.source.files) not in known]


def _places(files: Sequence[Path]) -> tuple[str, ...]:
    """The files however their paths are written."""
    return tuple(os.path.realpath(file) for file in files)


def _notes(known: int, planned: Sequence[PlannedSeries]) -> list[str]:
    notes = []
    if known:
        notes.append(f"{known} series are in the project already and stay as they are")
    excluded = sum(entry.status == "excluded" for entry in planned)
    if excluded:
        notes.append(f"{excluded} series of patients in the validation or test set are excluded")
    return notes


def _taken_names(existing: Sequence[SeriesRecord], planned: Sequence[PlannedSeries]) -> list[str]:
    # Without regard to case: some file systems have none.
    taken = {record.name.casefold(): record.source.path for record in existing}
    return [
        f"the project already has a series {entry.name!r} ({taken[entry.name.casefold()]}); rename "
        f"{entry.source.path}, or leave it out when it is the same"
        for entry in planned
        if entry.name.casefold() in taken
    ]


def _across(existing: Sequence[SeriesRecord], planned: Sequence[PlannedSeries]) -> list[str]:
    """Only the patients of new series: what stood before must not block every addition."""
    new = [(entry.name, entry.source.patient, entry.status) for entry in planned]
    patients = {patient for _, patient, _ in new}
    old = [
        (record.name, record.patient, record.status)
        for record in existing
        if record.patient in patients
    ]
    return list(patients_across([*old, *new]).values())
