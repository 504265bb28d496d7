"""What users change about the plan of a new project."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.campaign.plan_changes import CHOICES, with_statuses, without_series
from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.records import STATUSES

CLASSES = ClassTable.from_names(["background", "liver"])


def series(
    name: str, status: str = "annotated", patient: str | None = None, labeled: bool = True
) -> PlannedSeries:
    path = Path(f"{name}.nii.gz")
    labels = Path("labels") / path if labeled else None
    return PlannedSeries(SeriesSource(name, path, (path,), patient), labels, status)


def statuses(plan: ImportPlan) -> dict[str, str]:
    return {entry.name: entry.status for entry in plan.series}


def test_all_that_can_be_chosen_is_a_status() -> None:
    assert set(CHOICES) < set(STATUSES)


def test_only_named_series_get_another_status() -> None:
    plan = with_statuses(ImportPlan(CLASSES, (series("a"), series("b"))), {"a": "test"})
    assert statuses(plan) == {"a": "test", "b": "annotated"}


@pytest.mark.parametrize("status", ["annotated", "validation", "test"])
def test_what_needs_labels_is_not_for_series_without(status: str) -> None:
    plan = ImportPlan(CLASSES, (series("a", "unannotated", labeled=False),))
    with pytest.raises(ProjectError, match=f"'a' has no labels, so it cannot be '{status}'"):
        with_statuses(plan, {"a": status})
    assert statuses(with_statuses(plan, {"a": "excluded"})) == {"a": "excluded"}


def test_a_patient_on_two_sides_is_a_problem_until_it_is_mended() -> None:
    plan = ImportPlan(CLASSES, (series("a", patient="P1"), series("b", patient="P1")), (), ("odd",))
    across = with_statuses(plan, {"a": "validation"})
    assert across.problems[0] == "odd"
    assert "P1" in across.problems[1]
    assert with_statuses(across, {"b": "validation"}).problems == ("odd",)
    assert without_series(across, ["b"]).problems == ("odd",)


def test_series_are_left_out_by_their_names() -> None:
    plan = without_series(ImportPlan(CLASSES, (series("a"), series("b"))), ["a"])
    assert list(statuses(plan)) == ["b"]
