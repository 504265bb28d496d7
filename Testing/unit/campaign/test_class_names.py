"""Classes from label values, and as text that a user reads and changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.campaign.class_names import class_text, classes_from_labels
from SAIMCore.classes import ClassDefinition, ClassTable
from SAIMCore.data.phantom import make_phantom
from SAIMCore.errors import ClassTableError, InvalidLabelmapError, ProjectError
from SAIMCore.project.importers.folders import collect_folders


@pytest.fixture
def phantom(tmp_path: Path) -> Path:
    return make_phantom(tmp_path / "phantom", 4, 0, size=(32, 32, 4)).folder


def test_every_label_value_gives_a_class(phantom: Path) -> None:
    told = []
    series = collect_folders(phantom / "images", phantom / "labels").series
    classes = classes_from_labels(series, lambda done, count, name: told.append((done, count)))
    assert classes.names == ("background", "class 1", "class 2", "class 3", "class 4")
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_without_labels_there_is_nothing_to_go_by(phantom: Path) -> None:
    series = collect_folders(phantom / "images").series
    with pytest.raises(ProjectError, match="none of the 4 series has labels"):
        classes_from_labels(series)


def test_a_damaged_labelmap_is_named(phantom: Path) -> None:
    series = collect_folders(phantom / "images", phantom / "labels").series
    assert series[1].labels is not None
    series[1].labels.write_bytes(b"no labels")
    with pytest.raises(InvalidLabelmapError, match=series[1].labels.name):
        classes_from_labels(series)


@pytest.mark.parametrize(
    "text",
    [
        "background,liver",
        "background,uterus,tumor<uterus,cyst<uterus",
        "background=0,liver=63,spleen=252",
        "background,liver#dd8265,kidney",
        "background=0,liver=7,tumor<liver=3#010203",
    ],
)
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    classes = ClassTable.from_names(text.split(","))
    assert class_text(classes) == text
    assert ClassTable.from_names(class_text(classes).split(",")) == classes


@pytest.mark.parametrize("name", ["tumor, left", "grade<3", "a=b", "no #1"])
def test_names_that_could_not_be_read_back_are_refused(name: str) -> None:
    background = ClassDefinition("background", 0, (0, 0, 0))
    classes = ClassTable([background, ClassDefinition(name, 1, (1, 2, 3))])
    with pytest.raises(ClassTableError, match="rename it"):
        class_text(classes)
