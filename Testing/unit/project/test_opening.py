"""Opening a project: by one writer, by any number of readers, and when it is damaged."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.errors import ConfigurationError, ProjectError, ProjectLockedError
from SAIMCore.project.project import Project

HOLD = """
import sys
from pathlib import Path
from SAIMCore.project.project import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(project: Project) -> Path:
    """A closed project."""
    project.close()
    return project.folder


def test_what_was_stored_is_there_again(folder: Path) -> None:
    with Project.open(folder) as project:
        assert len(project.series()) == 6
        assert project.classes.names == ("background", "liver", "tumor")
        assert project.warnings == ()


def test_a_second_writer_is_told_who_holds_the_project(folder: Path) -> None:
    with Project.open(folder), pytest.raises(ProjectLockedError, match=f"process {os.getpid()} of"):
        Project.open(folder)
    Project.open(folder).close()


def test_two_processes_cannot_both_write_and_a_kill_frees_the_project(
    folder: Path, repository: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(ProjectLockedError, match=rf"process {holder.pid} of .* on .*read-only"):
            Project.open(folder)
        with Project.open(folder, read_only=True) as reader:
            assert len(reader.series()) == 6
        holder.kill()
    assert (folder / "project.holder.json").exists()
    Project.open(folder).close()
    assert not (folder / "project.holder.json").exists()


def test_a_lock_whose_holder_is_unreadable_is_still_a_lock(folder: Path) -> None:
    with Project.open(folder):
        (folder / "project.holder.json").write_text("{")
        with pytest.raises(ProjectLockedError, match="open for writing by another process"):
            Project.open(folder)


def test_readers_see_what_the_writer_does(folder: Path) -> None:
    with Project.open(folder) as writer, Project.open(folder, read_only=True) as reader:
        writer.set_status("pool_b", "excluded", "motion")
        assert reader.series_named("pool_b").reason == "motion"


def test_nothing_can_be_changed_read_only(folder: Path) -> None:
    with Project.open(folder, read_only=True) as reader:
        assert reader.read_only
        for change in (
            lambda: reader.set_status("pool_b", "excluded"),
            lambda: reader.scores.record("entropy", "m", {"pool_b": 1.0}),
            lambda: reader.rounds.begin(),
            lambda: reader.change_settings(name="other"),
        ):
            with pytest.raises(ProjectError, match="open read-only and cannot be changed"):
                change()


def test_closing_twice_does_nothing(folder: Path) -> None:
    project = Project.open(folder)
    project.close()
    project.close()
    Project.open(folder).close()


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"is no project \(it has no project.toml\)"):
        Project.open(tmp_path)
    with pytest.raises(ProjectError, match="is no project"):
        Project.open(tmp_path / "missing", read_only=True)


def test_a_missing_database_is_named(folder: Path) -> None:
    (folder / "saim.sqlite").unlink()
    with pytest.raises(ProjectError, match=r"has no saim\.sqlite"):
        Project.open(folder)


def test_a_newer_database_is_refused(folder: Path) -> None:
    with sqlite3.connect(folder / "saim.sqlite") as connection:
        connection.execute("UPDATE schema SET version = 99")
    connection.close()
    with pytest.raises(ProjectError, match="has format 99, this SAIM reads up to 2; update SAIM"):
        Project.open(folder)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_database_is_refused(folder: Path, content: bytes, read_only: bool) -> None:
    (folder / "saim.sqlite").write_bytes(content)
    with pytest.raises(ProjectError, match="the file is damaged; restore it from a backup"):
        Project.open(folder, read_only=read_only)


def test_a_failed_opening_leaves_the_project_free(folder: Path) -> None:
    content = (folder / "saim.sqlite").read_bytes()
    (folder / "saim.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(ProjectError):
        Project.open(folder)
    (folder / "saim.sqlite").write_bytes(content)
    Project.open(folder).close()


def test_a_database_address_that_cannot_be_is_refused(folder: Path) -> None:
    settings = folder / "project.toml"
    original = settings.read_text()
    for address, sentence in (
        ("nonsense", "is no database address"),
        ("oracledb9://x/y", "no driver for the database"),
    ):
        settings.write_text(f'database = "{address}"\n{original}')
        with pytest.raises(ProjectError, match=sentence):
            Project.open(folder)


def test_settings_that_cannot_be_are_refused_before_anything_is_locked(folder: Path) -> None:
    settings = folder / "project.toml"
    settings.write_text(settings.read_text().replace("depth = 3", 'depth = "deep"'))
    with pytest.raises(ConfigurationError, match=r"memory\.depth must be a whole number"):
        Project.open(folder)


def test_the_cache_may_be_deleted(folder: Path) -> None:
    (folder / "cache").rmdir()
    with Project.open(folder) as project:
        options = project.settings.preprocessing
        series = project.cache.series(project.series_named("first").source, options)
        assert series.slices.shape == (4, 6, 5)


def test_a_read_only_disk_can_be_read(
    folder: Path, run_script: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    code = """
import sys
from pathlib import Path
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
with Project.open(Path(sys.argv[1]), read_only=True) as project:
    print(len(project.series()))
try:
    Project.open(Path(sys.argv[1]))
except ProjectError as error:
    print(error)
"""
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        # Root writes everywhere, unless it gives up the right to.
        prefix = ("setpriv", "--bounding-set", "-dac_override")
        if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
            pytest.skip("root cannot give up its rights here (setpriv)")
    folder.chmod(0o555)
    try:
        result = run_script(code, folder, prefix=prefix)
    finally:
        folder.chmod(0o755)
    assert result.stderr == ""
    count, sentence = result.stdout.splitlines()
    assert count == "6"
    assert "writable" in sentence or "not permitted" in sentence
    assert sorted(path.name for path in folder.iterdir()) == [
        "annotations", "cache", "models", "project.lock", "project.toml", "runs", "saim.sqlite",
    ]  # fmt: skip


def test_the_holder_file_says_who_and_since_when(folder: Path) -> None:
    with Project.open(folder):
        holder = json.loads((folder / "project.holder.json").read_text())
    assert holder["pid"] == os.getpid()
    assert set(holder) == {"pid", "host", "user", "since"}
