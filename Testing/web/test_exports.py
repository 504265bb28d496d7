"""Which files of a project's exports can be fetched, and where models are written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.errors import ProjectError
from SAIMWeb.exports import Exports


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of exports of a project."""
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def test_models_are_written_below_the_project(tmp_path: Path) -> None:
    exports = Exports(tmp_path)
    assert exports.place("round-001", "onnx") == tmp_path / "exports" / "round-001.onnx"
    assert exports.place("round-001", "folder") == tmp_path / "exports" / "round-001"
    assert (tmp_path / "exports").is_dir()


def test_where_no_folder_can_be_made_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("a file", encoding="utf-8")
    with pytest.raises(ProjectError, match="in the way"):
        Exports(tmp_path).place("round-001", "onnx")
    assert Exports(tmp_path).files() == {}


def test_complete_models_can_be_fetched(folder: Path) -> None:
    (folder / "round-001.pt").write_bytes(b"four")
    exports = Exports(folder.parent)
    assert exports.files() == {"round-001.pt": 4}
    assert exports.file("round-001.pt") == folder / "round-001.pt"


def test_without_exports_there_is_nothing_to_fetch(tmp_path: Path) -> None:
    assert Exports(tmp_path).files() == {}
    assert Exports(tmp_path).file("round-001.pt") is None


def test_nothing_else_can_be_fetched(folder: Path) -> None:
    secret = folder.parent / "secret.pt"
    secret.write_bytes(b"secret")
    (folder / "link.pt").symlink_to(secret)
    (folder / "round-001").mkdir()
    (folder / "notes.txt").write_text("notes", encoding="utf-8")
    (folder / ".saim-writing-1-round-001.pt").write_bytes(b"half")
    exports = Exports(folder.parent)
    assert exports.files() == {}
    for name in ("link.pt", "../secret.pt", "..", "", "round-001", str(secret), "notes.txt"):
        assert exports.file(name) is None
