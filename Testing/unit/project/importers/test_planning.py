"""One plan from whatever the user gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ClassTableError, ProjectError
from SAIMCore.project.importers import planning
from SAIMCore.project.importers.plan import Collection
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project

WriteSeries = Callable[..., Path]


@pytest.fixture
def images(tmp_path: Path, write_series: WriteSeries, labels: np.ndarray) -> Path:
    for name in "abcd":
        write_series("images", name)
        write_series("labels", name, labels)
    return tmp_path / "images"


def write_splits(folder: Path, **content: object) -> str:
    path = folder / "splits.json"
    groups = {"splits": {"train_initial": ["a"], "validation": ["b"], "test": ["c"]}}
    path.write_text(json.dumps({**groups, **content}))
    return str(path)


def test_folders_and_splits_make_a_plan(tmp_path: Path, images: Path, classes: ClassTable) -> None:
    plan = plan_import(images, tmp_path / "labels", splits=write_splits(tmp_path), classes=classes)
    assert plan.classes == classes
    assert [(entry.name, entry.status) for entry in plan.series] == [
        ("a", "annotated"), ("b", "validation"), ("c", "test"),
    ]  # fmt: skip
    assert plan.notes == ("1 series are in no split and were left out",)
    assert plan.problems == ()


def test_without_splits_a_proposal_is_made(
    tmp_path: Path, images: Path, classes: ClassTable
) -> None:
    plan = plan_import(images, tmp_path / "labels", classes=classes, seed=1)
    assert sorted(entry.status for entry in plan.series) == [
        "annotated", "annotated", "test", "validation",
    ]  # fmt: skip


def test_a_data_set_brings_its_classes(tmp_path: Path, write_series: WriteSeries) -> None:
    write_series("imagesTr", "a")
    write_series("labelsTr", "a", np.zeros((4, 6, 5), dtype=np.uint8))
    dataset = tmp_path / "dataset.json"
    dataset.write_text('{"labels": {"background": 0, "liver": 1}}')
    plan = plan_import(dataset=dataset)
    assert plan.classes.names == ("background", "liver")


def test_names_given_by_hand_win_over_those_of_the_splits_file(
    tmp_path: Path, images: Path, classes: ClassTable
) -> None:
    splits = write_splits(tmp_path, classes={"0": "bg", "1": "one", "2": "two"})
    assert plan_import(images, tmp_path / "labels", splits=splits).classes.names == (
        "background", "one", "two",
    )  # fmt: skip
    given = plan_import(images, tmp_path / "labels", splits=splits, classes=classes)
    assert given.classes == classes


def test_classes_with_other_values_are_refused(tmp_path: Path, images: Path) -> None:
    splits = write_splits(tmp_path, classes={"0": "background", "1": "liver", "5": "tumor"})
    classes = ClassTable.from_names(["background", "liver", "tumor"])
    with pytest.raises(ClassTableError, match="have other label values than those of"):
        plan_import(images, tmp_path / "labels", splits=splits, classes=classes)


def test_classes_must_come_from_somewhere(tmp_path: Path, images: Path) -> None:
    with pytest.raises(ClassTableError, match="nothing says which classes there are"):
        plan_import(images, tmp_path / "labels")


def test_exactly_one_source_of_images_is_needed(tmp_path: Path, classes: ClassTable) -> None:
    for images, dataset in ((None, None), (tmp_path, tmp_path)):
        with pytest.raises(ProjectError, match="give one of the two"):
            plan_import(images, dataset=dataset, classes=classes)
    with pytest.raises(ProjectError, match="give no folder of labels"):
        plan_import(labels=tmp_path, dataset=tmp_path / "dataset.json")


def test_a_patient_in_two_splits_is_a_problem(
    tmp_path: Path,
    images: Path,
    classes: ClassTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collect = planning.collect_folders

    def with_patient(*folders: Path) -> Collection:
        collection = collect(*folders)
        return Collection(
            tuple(
                replace(entry, source=replace(entry.source, patient="p1"))
                if entry.name in "ac"
                else entry
                for entry in collection.series
            )
        )

    monkeypatch.setattr(planning, "collect_folders", with_patient)
    plan = plan_import(images, tmp_path / "labels", splits=write_splits(tmp_path), classes=classes)
    (problem,) = plan.problems
    assert "patient 'p1' is in more than one split: 'a' in training, 'c' in test" in problem
    with pytest.raises(ProjectError, match="patient 'p1'"):
        Project.create(tmp_path / "project", plan)
    assert not (tmp_path / "project").exists()


def test_unlabeled_series_of_patients_in_a_proposed_split_are_kept_but_excluded(
    tmp_path: Path,
    images: Path,
    classes: ClassTable,
    write_series: WriteSeries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in "abcd":
        write_series("images", f"{name}_later")
    collect = planning.collect_folders

    def with_patients(*folders: Path) -> Collection:
        series = collect(*folders).series
        return Collection(
            tuple(replace(e, source=replace(e.source, patient=e.name[0])) for e in series)
        )

    monkeypatch.setattr(planning, "collect_folders", with_patients)
    plan = plan_import(images, tmp_path / "labels", classes=classes)
    assert plan.problems == ()
    with Project.create(tmp_path / "project", plan) as project:
        excluded = project.series("excluded")
        assert len(excluded) == 2
        assert {str(record.reason) for record in excluded} == {
            "its patient is in the test set", "its patient is in the validation set",
        }  # fmt: skip
        assert len(project.pool()) == 2


def test_an_initial_set_leaves_the_others_in_the_pool(
    tmp_path: Path, images: Path, classes: ClassTable
) -> None:
    plan = plan_import(images, tmp_path / "labels", classes=classes, initial=1)
    assert sorted(entry.status for entry in plan.series) == [
        "annotated", "test", "unannotated", "validation",
    ]  # fmt: skip
    with pytest.raises(ProjectError, match="give a splits file or the number of initial series"):
        plan_import(
            images, tmp_path / "labels", splits=write_splits(tmp_path), classes=classes, initial=1
        )


def test_series_without_labels_can_be_left_out(
    tmp_path: Path, images: Path, classes: ClassTable, write_series: WriteSeries
) -> None:
    write_series("images", "e")
    plan = plan_import(images, tmp_path / "labels", classes=classes, labeled_only=True)
    assert [entry.name for entry in plan.series] == ["a", "b", "c", "d"]
    with pytest.raises(ProjectError, match="none of the 5 series has labels"):
        plan_import(images, classes=classes, labeled_only=True)


def test_names_that_only_differ_in_case_are_a_problem(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    for folder, name in (("imagesTr", "a"), ("imagesTs", "A")):
        write_series(folder, name)
    write_series("labelsTr", "a", labels)
    dataset = tmp_path / "dataset.json"
    dataset.write_text('{"labels": {"background": 0, "liver": 1, "tumor": 2}}')
    (problem,) = plan_import(dataset=dataset).problems
    assert "duplicate series 'A'" in problem


@pytest.mark.parametrize("data", ["hippocampus", "chaos_t2_128"])
def test_real_data_makes_a_project(shared_data: Path, tmp_path: Path, data: str) -> None:
    folder = shared_data / data
    group = ":small" if data == "hippocampus" else ""
    plan = plan_import(
        folder / "images", folder / "labels", splits=f"{folder / 'splits.json'}{group}"
    )
    assert plan.problems == ()
    with Project.create(tmp_path / "project", plan) as project:
        assert len(project.series()) == len(plan.series)
        assert len(project.training_series()) in (2, 3)
        assert all(record.reference is not None for record in project.pool())
