"""A project whose folder goes (a network share) and comes back while it is open."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ProjectError, ProjectLockedError
from SAIMCore.interactions import Click
from SAIMCore.project import annotations
from SAIMCore.project.journal import ProjectJournal
from SAIMCore.project.lock import current_writer
from SAIMCore.project.project import Project

HOLD = """
import sys
from pathlib import Path
from SAIMCore.project.project import Project
with Project.open(Path(sys.argv[1])) as project:
    project.pin("pool_c")
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def away(project: Project, tmp_path: Path) -> Iterator[Path]:
    """Where the folder of the project is now; brought back at the end."""
    project.series()
    away = project.folder.rename(tmp_path / "away")
    yield away
    if away.exists():
        away.rename(project.folder)


EVERYTHING: dict[str, Callable[[Project], object]] = {
    "listing the series": lambda project: project.series(),
    "reading a series": lambda project: project.cached("first"),
    "reading an annotation": lambda project: project.annotations.load("first"),
    "accepting": lambda project: project.annotations.accept(
        "pool_b", np.zeros((4, 6, 5), np.uint8), "bob"
    ),
    "restoring": lambda project: project.annotations.restore("first", 1),
    "changing a status": lambda project: project.set_status("pool_b", "excluded"),
    "pinning": lambda project: project.pin("pool_b"),
    "verifying": lambda project: project.verify("pool_b"),
    "relocating": lambda project: project.relocate(Path("/old"), Path("/new")),
    "scoring": lambda project: project.scores.record("entropy", "m", {"pool_b": 1.0}),
    "logging": lambda project: project.interactions.add("pool_b", [Click(0, 1, 2, 2)], "bob"),
    "beginning a sitting": lambda project: project.sessions.begin("pool_b", "bob"),
    "beginning a round": lambda project: project.rounds.begin(),
    "asking for the model": lambda project: project.models.current(),
    "changing the settings": lambda project: project.change_settings(name="other"),
}


@pytest.mark.parametrize("operation", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_while_the_folder_is_away_everything_says_so_and_nothing_is_made(
    project: Project, away: Path, operation: Callable[[Project], object]
) -> None:
    with pytest.raises(ProjectError) as caught:
        operation(project)
    assert f"the project {project.folder} cannot be reached (No such file" in str(caught.value)
    assert "nothing that was accepted is lost: connect its disk" in str(caught.value)
    assert not project.folder.exists()
    away.rename(project.folder)
    assert len(project.series()) == 6
    assert project.settings.name == "project"
    assert project.series_named("pool_b").status == "unannotated"
    assert not project.series_named("pool_b").pinned


def test_when_the_folder_is_back_the_same_project_goes_on(
    project: Project, away: Path, labels: np.ndarray
) -> None:
    with pytest.raises(ProjectError, match="cannot be reached"):
        project.annotations.accept("pool_b", labels, "bob")
    away.rename(project.folder)
    project.annotations.accept("pool_b", labels, "bob")
    assert str(current_writer(project.folder)).startswith(f"process {os.getpid()} of ")
    with pytest.raises(ProjectLockedError):
        Project.open(project.folder)
    project.close()
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        assert np.array_equal(again.annotations.load("pool_b"), labels)


def test_an_empty_folder_in_its_place_is_not_taken_for_it(project: Project, away: Path) -> None:
    # The place at which a share was connected.
    project.folder.mkdir()
    with pytest.raises(ProjectError, match="cannot be reached"):
        project.pin("pool_b")
    assert list(project.folder.iterdir()) == []
    project.folder.rmdir()


def test_what_is_written_goes_to_the_folder_that_is_there_and_not_to_the_one_that_was(
    project: Project, away: Path, labels: np.ndarray
) -> None:
    # Without a moment in which anybody noticed that it was away.
    shutil.copytree(away, project.folder)
    project.annotations.accept("pool_b", labels, "bob")
    project.close()
    with Project.open(project.folder, read_only=True) as back:
        assert back.series_named("pool_b").status == "annotated"
    with Project.open(away, read_only=True) as moved:
        assert moved.series_named("pool_b").status == "unannotated"
    shutil.rmtree(project.folder)


def test_who_only_reads_goes_on_as_well(project: Project, tmp_path: Path) -> None:
    project.close()
    with Project.open(project.folder, read_only=True) as reader:
        away = project.folder.rename(tmp_path / "away")
        with pytest.raises(ProjectError, match="cannot be reached"):
            reader.series()
        away.rename(project.folder)
        assert len(reader.series()) == 6


def test_another_process_that_took_the_project_meanwhile_keeps_it(
    project: Project, away: Path, repository: Path, labels: np.ndarray
) -> None:
    # A share that comes back knows nothing of the locks that there were.
    with pytest.raises(ProjectError, match="cannot be reached"):
        project.pin("pool_b")
    shutil.copytree(away, project.folder)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project.folder)],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        for _ in range(2):
            with pytest.raises(ProjectLockedError, match=f"process {other.pid}"):
                project.annotations.accept("pool_b", labels, "bob")
        assert project.series_named("pool_c").pinned
        assert (project.folder / "project.holder.json").exists()
    project.annotations.accept("pool_b", labels, "bob")
    assert project.series_named("pool_b").status == "annotated"
    project.close()
    shutil.rmtree(project.folder)


def test_a_project_that_lost_its_lock_leaves_the_others_note_when_it_is_closed(
    project: Project, away: Path
) -> None:
    with pytest.raises(ProjectError, match="cannot be reached"):
        project.pin("pool_b")
    shutil.copytree(away, project.folder)
    with Project.open(project.folder):
        with pytest.raises(ProjectLockedError):
            project.pin("pool_b")
        project.close()
        assert str(current_writer(project.folder)).startswith(f"process {os.getpid()} of ")
    shutil.rmtree(project.folder)


def test_a_project_can_be_closed_while_its_folder_is_away(project: Project, away: Path) -> None:
    project.close()
    assert not project.folder.exists()
    away.rename(project.folder)
    assert current_writer(project.folder) is None
    with Project.open(project.folder) as again:
        assert again.warnings == ()


def test_what_was_written_last_is_there_after_it_was_closed_away(
    project: Project, tmp_path: Path, labels: np.ndarray
) -> None:
    project.annotations.accept("pool_b", labels, "bob")
    away = project.folder.rename(tmp_path / "away")
    project.close()
    away.rename(project.folder)
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        assert again.series_named("pool_b").status == "annotated"


@pytest.mark.parametrize("name", ["pool_b", "first"])
def test_a_folder_that_goes_in_the_middle_of_an_acceptance_leaves_the_earlier_annotation(
    project: Project, tmp_path: Path, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write, keep = annotations.write_labelmap, project.annotations._files.keep
    away = tmp_path / "away"

    def gone(*arguments: object) -> None:
        project.folder.rename(away)
        (keep if name == "first" else write)(*arguments)

    with monkeypatch.context() as patch:
        if name == "first":
            patch.setattr(project.annotations._files, "keep", gone)
        else:
            patch.setattr(annotations, "write_labelmap", gone)
        with pytest.raises(ProjectError, match=r"cannot be reached .* is lost"):
            project.annotations.accept(name, labels * 0 + 1, "bob")
    assert not project.folder.exists()
    away.rename(project.folder)
    assert [len(project.annotations.history(entry)) for entry in ("first", "pool_b")] == [1, 0]
    assert np.array_equal(project.annotations.load("first"), labels)
    project.annotations.accept(name, labels * 0 + 1, "bob")
    assert project.annotations.load(name).min() == 1


def test_a_journal_does_not_take_a_folder_that_is_away_for_one_without_a_session(
    project: Project, tmp_path: Path
) -> None:
    journal = ProjectJournal(project, "pool_b", "ada")
    project.sessions_folder.mkdir()
    (project.sessions_folder / "pool_b.session").write_bytes(b"work")
    saved = journal.saved()
    assert saved is not None
    saved.close()
    away = project.folder.rename(tmp_path / "away")
    assert not journal.outdated()
    for ask in (journal.saved, journal.set_aside, lambda: journal.add_active(3.0)):
        with pytest.raises(ProjectError, match="cannot be reached"):
            ask()
    away.rename(project.folder)
    assert not journal.outdated()
    journal.add_active(3.0)
    assert journal.seconds_active == 3.0


def test_a_series_that_is_in_the_cache_can_be_read_again(project: Project, tmp_path: Path) -> None:
    before = np.array(project.cached("first", PreprocessingOptions()).slices)
    away = project.folder.rename(tmp_path / "away")
    with pytest.raises(ProjectError, match="cannot be reached"):
        project.cached("first", PreprocessingOptions())
    away.rename(project.folder)
    assert np.array_equal(project.cached("first", PreprocessingOptions()).slices, before)
