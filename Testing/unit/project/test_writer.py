"""Who has a project open for writing, found out without being in the way."""

from __future__ import annotations

import os
import socket

import pytest
from filelock import FileLock

from SAIMCore.data.atomic import write_json, write_text
from SAIMCore.errors import ProjectLockedError
from SAIMCore.project import lock
from SAIMCore.project.lock import HOLDER_FILE, LOCK_FILE, current_writer
from SAIMCore.project.project import Project


def test_the_writer_is_named_while_there_is_one(project: Project) -> None:
    assert str(current_writer(project.folder)).startswith(f"process {os.getpid()} of ")
    project.close()
    assert current_writer(project.folder) is None


@pytest.mark.parametrize("host", ["elsewhere", None], ids=["a container that was", "this machine"])
def test_the_note_of_a_writer_that_was_killed_counts_no_more(
    project: Project, host: str | None
) -> None:
    project.close()
    # Its number belongs to another process now: to this one.
    note = {
        "pid": os.getpid(),
        "host": host or socket.gethostname(),
        "user": "ada",
        "since": "then",
    }
    write_json(project.folder / HOLDER_FILE, note)
    assert current_writer(project.folder) is None


def test_a_writer_whose_note_is_damaged_is_still_a_writer(project: Project) -> None:
    write_text(project.folder / HOLDER_FILE, "{")
    assert current_writer(project.folder) == "another process"


def test_a_folder_that_was_never_locked_has_no_writer_and_gets_no_file(project: Project) -> None:
    project.close()
    (project.folder / LOCK_FILE).unlink()
    assert current_writer(project.folder) is None
    assert not (project.folder / LOCK_FILE).exists()


def test_asking_leaves_the_project_free(project: Project) -> None:
    project.close()
    assert current_writer(project.folder) is None
    Project.open(project.folder).close()


def test_a_writer_waits_for_one_who_asks(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.close()
    asking = FileLock(project.folder / LOCK_FILE, thread_local=False)
    asking.acquire(timeout=0)
    patience: list[float] = []
    acquire = FileLock.acquire

    def answered(self: FileLock, timeout: float) -> object:
        patience.append(timeout)
        asking.release()
        return acquire(self, timeout=timeout)

    monkeypatch.setattr(lock.FileLock, "acquire", answered)
    Project.open(project.folder).close()
    assert patience == [lock.WAITING_SECONDS]
    assert lock.WAITING_SECONDS > lock.ASKING_SECONDS > 0


def test_a_second_writer_is_still_refused(project: Project) -> None:
    with pytest.raises(ProjectLockedError, match="is open for writing by process"):
        Project.open(project.folder)
