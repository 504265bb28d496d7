"""One open project for everybody in a process; other processes are told, or may read."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from SAIMCore.errors import ProjectError, ProjectLockedError
from SAIMCore.project.lock import current_writer
from SAIMCore.project.project import Project
from SAIMCore.project.shared import lease_project

HOLD = """
import sys
from pathlib import Path
from SAIMCore.project.project import Project
with Project.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""

Holding = Callable[[], contextlib.AbstractContextManager[int]]


@pytest.fixture
def folder(project: Project) -> Path:
    """A closed project."""
    project.close()
    return project.folder


@pytest.fixture
def another_process(folder: Path, repository: Path) -> Holding:
    """Has the project open for writing until the block ends; gives its number."""

    @contextlib.contextmanager
    def hold() -> Iterator[int]:
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process.pid

    return hold


def test_two_leases_share_one_project_that_the_last_one_closes(folder: Path) -> None:
    first, second = lease_project(folder), lease_project(folder)
    assert first.project is second.project
    assert not first.project.read_only
    assert first.read_only_because == ""
    first.release()
    second.project.pin("pool_b")
    with pytest.raises(ProjectLockedError):
        Project.open(folder)
    second.release()
    assert current_writer(folder) is None
    with Project.open(folder) as again:
        assert again.series_named("pool_b").pinned


def test_a_lease_that_is_released_twice_takes_nobody_elses(folder: Path) -> None:
    first, second = lease_project(folder), lease_project(folder)
    first.release()
    first.release()
    assert current_writer(folder) is not None
    second.release()
    second.release()
    assert current_writer(folder) is None


def test_after_the_last_lease_the_project_is_opened_anew(folder: Path) -> None:
    lease = lease_project(folder)
    lease.release()
    again = lease_project(folder)
    assert again.project is not lease.project
    assert len(again.project.series()) == 6
    again.release()


def test_a_folder_is_the_same_however_it_is_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    leases = [
        lease_project(path) for path in (folder, tmp_path / "link", folder / ".." / "project")
    ]
    assert len({id(lease.project) for lease in leases}) == 1
    for lease in leases:
        lease.release()


def test_leases_may_be_asked_for_and_released_by_any_thread(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        leases = list(threads.map(lease_project, [folder] * 16))
        assert len({id(lease.project) for lease in leases}) == 1
        list(threads.map(lambda lease: lease.release(), leases))
    assert current_writer(folder) is None


def test_another_process_that_writes_is_named(folder: Path, another_process: Holding) -> None:
    with another_process() as number, pytest.raises(ProjectLockedError, match=f"process {number}"):
        lease_project(folder)


def test_the_project_can_be_read_while_another_process_writes(
    folder: Path, another_process: Holding
) -> None:
    with another_process() as number:
        first = lease_project(folder, read_only_if_locked=True)
        second = lease_project(folder, read_only_if_locked=True)
        assert first.project is second.project
        assert first.project.read_only
        assert f"is open for writing by process {number} of" in first.read_only_because
        with pytest.raises(ProjectLockedError):
            lease_project(folder)
        first.release()
        assert len(second.project.series()) == 6
        second.release()


def test_a_lease_after_the_other_process_has_ended_can_write(
    folder: Path, another_process: Holding
) -> None:
    with another_process():
        reader = lease_project(folder, read_only_if_locked=True)
    writer = lease_project(folder, read_only_if_locked=True)
    assert not writer.project.read_only
    assert writer.read_only_because == ""
    writer.project.pin("pool_b")
    assert reader.project.read_only
    assert reader.project.series_named("pool_b").pinned
    writer.release()
    assert current_writer(folder) is None
    assert len(reader.project.series()) == 6
    reader.release()


def test_a_failed_lease_leaves_nothing_open(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ProjectError, match="is no project"):
        lease_project(tmp_path)
    (folder / "project.toml").rename(folder / "aside.toml")
    with pytest.raises(ProjectError, match="is no project"):
        lease_project(folder)
    (folder / "aside.toml").rename(folder / "project.toml")
    lease_project(folder).release()
    assert current_writer(folder) is None
