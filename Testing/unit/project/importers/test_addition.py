"""Plans that add series to an existing project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.importers import addition
from SAIMCore.project.importers.addition import plan_addition
from SAIMCore.project.importers.plan import Collection, ImportPlan
from SAIMCore.project.project import Project
from SAIMCore.project.records import SeriesRecord

WriteSeries = Callable[..., Path]


@pytest.fixture
def new(tmp_path: Path, write_series: WriteSeries, labels: np.ndarray) -> Path:
    """A folder with a labeled and an unlabeled series."""
    write_series("new/images", "n1")
    write_series("new/images", "n2")
    write_series("new/labels", "n1", labels)
    return tmp_path / "new"


@pytest.fixture
def plan_for(
    new: Path, monkeypatch: pytest.MonkeyPatch, project: Project
) -> Callable[..., ImportPlan]:
    """Plans to add ``new``, with the given patients of old and new series."""
    collect = addition.collect_folders

    def plan(**patients: str) -> ImportPlan:
        def with_patients(*folders: Path) -> Collection:
            found = collect(*folders)
            return replace(
                found,
                series=tuple(
                    replace(e, source=replace(e.source, patient=patients.get(e.name)))
                    for e in found.series
                ),
            )

        monkeypatch.setattr(addition, "collect_folders", with_patients)
        existing: Sequence[SeriesRecord] = [
            replace(record, source=replace(record.source, patient=patients.get(record.name)))
            for record in project.series()
        ]
        return plan_addition(existing, project.classes, new / "images", new / "labels")

    return plan


def statuses(plan: ImportPlan) -> dict[str, str]:
    return {entry.name: entry.status for entry in plan.series}


def test_labeled_series_are_annotated_and_the_others_the_pool(
    plan_for: Callable[..., ImportPlan],
) -> None:
    plan = plan_for()
    assert statuses(plan) == {"n1": "annotated", "n2": "unannotated"}
    assert (plan.problems, plan.notes) == ((), ())
    assert plan_for(n1="p", n2="p", first="p").problems == ()


def test_unlabeled_series_of_a_test_patient_are_excluded(
    plan_for: Callable[..., ImportPlan],
) -> None:
    plan = plan_for(n2="p", exam="p")
    assert statuses(plan)["n2"] == "excluded"
    assert plan.series[1].reason == "its patient is in the test set"
    assert plan.problems == ()
    assert plan.notes == ("1 series of patients in the validation or test set are excluded",)


def test_labeled_series_of_a_test_patient_are_a_problem(
    plan_for: Callable[..., ImportPlan],
) -> None:
    (problem,) = plan_for(n1="p", exam="p").problems
    assert "'exam' in test, 'n1' in training" in problem


def test_images_that_the_project_has_are_left_out(
    project: Project, tmp_path: Path, write_series: WriteSeries
) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(ProjectError, match=r"all 6 series in .* are in the project already"):
        plan_addition(project.series(), project.classes, tmp_path / "new" / ".." / "images")
    write_series("images", "later")
    plan = plan_addition(project.series(), project.classes, tmp_path / "images")
    assert statuses(plan) == {"later": "unannotated"}
    assert plan.notes == ("6 series are in the project already and stay as they are",)


def test_a_name_that_the_project_has_is_a_problem(
    project: Project, tmp_path: Path, write_series: WriteSeries
) -> None:
    write_series("new", "FIRST")
    (problem,) = plan_addition(project.series(), project.classes, tmp_path / "new").problems
    assert "the project already has a series" in problem
    assert "FIRST" in problem
