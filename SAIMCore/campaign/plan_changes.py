"""What a user changes about the plan of a new project: statuses, and series that are left out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.patients import patients_across
from SAIMCore.project.records import LABELED_STATUSES

__all__ = ["CHOICES", "with_statuses", "without_series"]

# The statuses that a user may give a series.
CHOICES = ("annotated", "unannotated", "validation", "test", "excluded")


def with_statuses(plan: ImportPlan, statuses: Mapping[str, str]) -> ImportPlan:
    """``plan`` with other statuses (of ``CHOICES``) for the series that ``statuses`` names.

    Patients on several sides of the split are looked for anew. Raises ProjectError when a series
    without labels is to have a status that needs them.
    """
    for entry in plan.series:
        if statuses.get(entry.name) in LABELED_STATUSES and entry.labels is None:
            raise ProjectError(
                f"series {entry.name!r} has no labels, so it cannot be "
                f"{statuses[entry.name]!r}; leave it unannotated or exclude it"
            )
    series = tuple(
        replace(entry, status=statuses.get(entry.name, entry.status)) for entry in plan.series
    )
    return _with_series(plan, series)


def without_series(plan: ImportPlan, names: Container[str]) -> ImportPlan:
    """``plan`` without the series that ``names`` holds."""
    return _with_series(plan, tuple(entry for entry in plan.series if entry.name not in names))


def _with_series(plan: ImportPlan, series: tuple[PlannedSeries, ...]) -> ImportPlan:
    before = _across(plan.series)
    problems = tuple(problem for problem in plan.problems if problem not in before)
    return replace(plan, series=series, problems=(*problems, *_across(series)))


def _across(series: Iterable[PlannedSeries]) -> tuple[str, ...]:
    """A sentence for every patient who is on more than one side of the splits."""
    return tuple(
        patients_across(
            (entry.name, entry.source.patient, entry.status) for entry in series
        ).values()
    )
