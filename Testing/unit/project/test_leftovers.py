"""What killed writers left is gone when the project is next opened for writing."""

from __future__ import annotations

import os
from pathlib import Path

from SAIMCore.project.project import Project

LEFTOVER = ".saim-writing-0123456789ab-x"


def test_leftovers_go_when_a_project_is_opened_for_writing(project: Project) -> None:
    project.close()
    folder = project.folder
    (folder / "models" / "round-001").mkdir()
    (folder / "cache" / "series").mkdir(exist_ok=True)
    (folder / "sessions").mkdir()
    removed = [
        folder / LEFTOVER,
        folder / "annotations" / LEFTOVER,
        folder / "sessions" / LEFTOVER,
        folder / "models" / LEFTOVER,
        folder / "models" / "round-001" / LEFTOVER,
        folder / "cache" / "series" / f"{LEFTOVER}-old",
    ]
    # Another process may be writing to the cache; a run folder is its worker's own.
    spared = [folder / "cache" / "series" / LEFTOVER, folder / "runs" / LEFTOVER]
    for path in removed + spared:
        path.write_text("half")
    os.utime(removed[-1], (0, 0))
    Project.open(folder, read_only=True).close()
    assert all(path.exists() for path in removed)
    Project.open(folder).close()
    assert sorted(folder.rglob(".saim-writing-*")) == sorted(spared)


def test_a_folder_that_a_killed_writer_left_goes_too(project: Project) -> None:
    project.close()
    leftover: Path = project.models_folder / LEFTOVER
    leftover.mkdir()
    (leftover / "model.safetensors").write_bytes(b"half")
    Project.open(project.folder).close()
    assert not leftover.exists()
