"""Who has a project open for writing, found out without being in the way."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from SAIMCore.data.atomic import write_json, write_text
from SAIMCore.project.lock import HOLDER_FILE, current_writer
from SAIMCore.project.project import Project

# Above the largest number that the system gives to a process.
NO_PROCESS = 2**22 + 1


@pytest.fixture
def holder(project: Project) -> dict[str, Any]:
    """The note that the open project left."""
    note: dict[str, Any] = json.loads((project.folder / HOLDER_FILE).read_text(encoding="utf-8"))
    return note


def test_the_writer_is_named_while_there_is_one(project: Project) -> None:
    assert str(current_writer(project.folder)).startswith(f"process {os.getpid()} of ")
    project.close()
    assert current_writer(project.folder) is None


def test_the_note_of_a_writer_that_was_killed_counts_no_more(
    project: Project, holder: dict[str, Any]
) -> None:
    write_json(project.folder / HOLDER_FILE, {**holder, "pid": NO_PROCESS})
    assert current_writer(project.folder) is None


def test_a_writer_on_another_machine_is_believed(project: Project, holder: dict[str, Any]) -> None:
    write_json(project.folder / HOLDER_FILE, {**holder, "pid": NO_PROCESS, "host": "elsewhere"})
    assert "on elsewhere" in str(current_writer(project.folder))


def test_a_damaged_note_names_nobody(project: Project) -> None:
    write_text(project.folder / HOLDER_FILE, "{")
    assert current_writer(project.folder) is None
