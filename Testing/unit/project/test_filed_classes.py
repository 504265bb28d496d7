"""Classes that were changed in project.toml after annotations were filed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
from SAIMCore.project.settings import SETTINGS_FILE

TUMOR = """[[classes]]
name = "tumor"
value = 2
color = [
    86,
    180,
    233,
]
within = "liver"
"""


@pytest.fixture
def folder(project: Project) -> Path:
    """A closed project."""
    project.close()
    return project.folder


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / SETTINGS_FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TUMOR, ""),
        (TUMOR, TUMOR + '[[classes]]\nname = "cyst"\nvalue = 3\n'),
        ('name = "tumor"', 'name = "cyst"'),
        ("value = 2", "value = 3"),
        ('within = "liver"', ""),
    ],
    ids=["removed", "added", "renamed", "renumbered", "not nested"],
)
def test_changed_classes_are_refused(folder: Path, old: str, new: str, read_only: bool) -> None:
    rewrite(folder, old, new)
    with pytest.raises(
        ProjectError, match="made with 0=background, 1=liver, 2=tumor within liver; write these"
    ):
        Project.open(folder, read_only=read_only)


def test_colors_may_be_changed(folder: Path) -> None:
    rewrite(folder, "180", "181")
    with Project.open(folder) as project:
        assert project.classes[2].color == (86, 181, 233)


def test_an_early_project_takes_its_classes_when_it_is_opened_for_writing(folder: Path) -> None:
    with sqlite3.connect(folder / "saim.sqlite") as connection:
        connection.execute("DROP TABLE classes")
    connection.close()
    Project.open(folder, read_only=True).close()
    Project.open(folder).close()
    rewrite(folder, 'name = "tumor"', 'name = "cyst"')
    with pytest.raises(ProjectError, match=r"project\.toml has the classes .*2=cyst"):
        Project.open(folder)


def test_a_refused_project_is_left_free(folder: Path, classes: ClassTable) -> None:
    rewrite(folder, 'name = "tumor"', 'name = "cyst"')
    with pytest.raises(ProjectError):
        Project.open(folder)
    rewrite(folder, 'name = "cyst"', 'name = "tumor"')
    with Project.open(folder) as project:
        assert project.classes == classes
