"""Splits files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ClassTableError, ConfigurationError, ProjectError
from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.importers.splits import apply_splits, read_splits

CONTENT: dict[str, Any] = {
    "classes": {"0": "background", "1": "liver", "2": "tumor"},
    "within": {"tumor": "liver"},
    "group": "free text",
    "splits": {"train_initial": ["a"], "pool": ["d", "e"], "validation": ["b"], "test": ["c"]},
    "small": {"train_initial": ["b"], "test": ["a"]},
}


def write(folder: Path, **changes: object) -> Path:
    path = folder / "splits.json"
    path.write_text(json.dumps({**CONTENT, **changes}))
    return path


def series(names: str, unlabeled: str = "") -> list[PlannedSeries]:
    return [
        PlannedSeries(
            SeriesSource(name, Path(f"{name}.nii"), (Path(f"{name}.nii"),)),
            None if name in unlabeled else Path(f"labels/{name}.nii"),
        )
        for name in names
    ]


def test_splits_give_series_their_statuses(tmp_path: Path) -> None:
    planned, notes, problems = apply_splits(series("abcde"), read_splits(str(write(tmp_path))))
    assert {entry.name: entry.status for entry in planned} == {
        "a": "annotated", "b": "validation", "c": "test", "d": "unannotated", "e": "unannotated",
    }  # fmt: skip
    assert (notes, problems) == ([], [])


def test_the_pool_needs_no_labels_and_remembers_those_it_has(tmp_path: Path) -> None:
    planned, _, problems = apply_splits(
        series("abcde", unlabeled="e"), read_splits(str(write(tmp_path)))
    )
    assert problems == []
    assert {entry.name: entry.labels for entry in planned if entry.status == "unannotated"} == {
        "d": Path("labels/d.nii"),
        "e": None,
    }


def test_another_group_is_chosen_by_name(tmp_path: Path) -> None:
    splits = read_splits(f"{write(tmp_path)}:small")
    planned, notes, _ = apply_splits(series("abcde"), splits)
    assert {entry.name: entry.status for entry in planned} == {"b": "annotated", "a": "test"}
    assert notes == ["3 series are in no split and were left out"]


def test_classes_and_nesting_are_read(tmp_path: Path) -> None:
    classes = read_splits(str(write(tmp_path))).classes
    assert classes is not None
    assert classes.names == ("background", "liver", "tumor")
    assert classes[2].within == "liver"
    assert read_splits(str(write(tmp_path, classes=None))).classes is None


def test_a_background_that_is_not_listed_is_added(tmp_path: Path) -> None:
    classes = read_splits(str(write(tmp_path, classes={"1": "liver", "2": "tumor"}))).classes
    assert classes is not None
    assert classes.names == ("background", "liver", "tumor")


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        splits={"train_initial": ["a", "a"], "validation": ["a"], "test": ["b"], "pool": ["x"]},
    )
    _, _, problems = apply_splits(series("ab", unlabeled="b"), read_splits(str(path)))
    assert [sentence.partition(";")[0] for sentence in problems] == [
        "duplicate series 'a' in the split 'train_initial'",
        "series 'a' is in the splits 'train_initial' and 'validation'",
        "series 'b' of the split 'test' has no labels",
        "series 'x' of the split 'pool' does not exist among the images",
    ]


@pytest.mark.parametrize(
    ("changes", "group", "sentence"),
    [
        ({}, ":big", "no group of splits 'big'; it has splits, small"),
        ({}, ":group", "no group of splits 'group'"),
        ({"splits": {"training": []}}, "", "unknown split 'training' in 'splits'; known are"),
        ({"splits": {"test": "a"}}, "", "the split 'test' must be a list of series names"),
        ({"splits": {"test": [3]}}, "", "the split 'test' must be a list of series names"),
        ({"classes": ["liver"]}, "", "classes must map values to names"),
        ({"classes": {"one": "liver"}}, "", "classes must map values to names"),
        ({"within": {"cyst": "liver"}}, "", "within must map class names"),
        ({"within": 3}, "", "within must map class names"),
    ],
)
def test_a_file_that_is_wrong_is_refused(
    tmp_path: Path, changes: dict[str, object], group: str, sentence: str
) -> None:
    with pytest.raises(ProjectError, match=sentence):
        read_splits(f"{write(tmp_path, **changes)}{group}")


def test_nesting_in_a_class_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, within={"tumor": "uterus"})
    with pytest.raises(ClassTableError, match=r"splits\.json: .* within 'uterus'"):
        read_splits(str(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.json cannot be read"):
        read_splits(str(tmp_path / "none.json"))


@pytest.mark.parametrize("data", ["hippocampus", "chaos_t2_128"])
def test_real_splits_are_understood(shared_data: Path, data: str) -> None:
    splits = read_splits(str(shared_data / data / "splits.json"))
    assert set(splits.names) == {"train_initial", "pool", "validation", "test"}
    assert splits.classes is not None
