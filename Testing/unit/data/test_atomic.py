"""Files and folders are complete or not there."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.data.atomic import (
    atomic_folder,
    atomic_path,
    remove_leftovers,
    write_json,
    write_text,
)
from SAIMCore.errors import ProjectError


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_under_its_name_only_when_the_block_has_succeeded(tmp_path: Path) -> None:
    target = tmp_path / "labels.nii.gz"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"new")
        assert not target.exists()
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".nii.gz")
    assert target.read_bytes() == b"new"
    assert entries(tmp_path) == ["labels.nii.gz"]


def test_a_failure_keeps_the_earlier_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    target.write_bytes(b"old")

    def fail() -> None:
        with atomic_path(target) as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert target.read_bytes() == b"old"
    assert entries(tmp_path) == ["model.bin"]


@pytest.mark.parametrize(
    ("number", "phrase"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "writing is not permitted"),
        (errno.EEXIST, "a file of that name is in the way; choose another name"),
        (errno.ENOTDIR, "a part of its path is a file and no folder"),
        (errno.EISDIR, "a folder of that name is in the way"),
    ],
)
def test_a_disk_that_cannot_be_written_is_named_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, phrase: str
) -> None:
    target = tmp_path / "metrics.json"

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ProjectError, match=phrase) as caught:
        write_json(target, {"epoch": 1})
    assert str(target) in str(caught.value)
    assert entries(tmp_path) == []


def test_a_write_that_the_system_cuts_short_leaves_nothing(
    tmp_path: Path, largest_file: Any
) -> None:
    with largest_file(100), pytest.raises(ProjectError, match="larger than allowed"):
        write_text(tmp_path / "long.txt", "x" * 1000)
    assert entries(tmp_path) == []


def test_other_errors_of_the_block_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "copy.txt"):
        (tmp_path / "absent.txt").read_text()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ProjectError, match="its folder does not exist"),
        atomic_path(tmp_path / "absent" / "a.txt"),
    ):
        pass


def test_text_and_json_come_back(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "größer\n")
    assert (tmp_path / "a.txt").read_bytes() == "größer\n".encode()
    write_json(tmp_path / "a.json", {"name": "Gefäß", "values": [1, 2.5]})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {
        "name": "Gefäß",
        "values": [1, 2.5],
    }


def test_a_folder_appears_with_all_its_content(tmp_path: Path) -> None:
    target = tmp_path / "round-001"
    with atomic_folder(target) as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep" / "weights").write_bytes(b"w")
        assert not target.exists()
    assert (target / "deep" / "weights").read_bytes() == b"w"
    assert entries(tmp_path) == ["round-001"]


def test_a_failed_folder_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic_folder(tmp_path / "round-001") as temporary:
            (temporary / "config.json").write_text("{}")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert entries(tmp_path) == []


def test_a_folder_with_content_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "round-001").mkdir()
    (tmp_path / "round-001" / "kept").write_text("")
    with (
        pytest.raises(ProjectError, match="not empty"),
        atomic_folder(tmp_path / "round-001"),
    ):
        pass
    assert entries(tmp_path / "round-001") == ["kept"]


def test_an_empty_folder_may_be_kept_and_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "demo"
    target.mkdir()
    monkeypatch.chdir(target)
    place = target.stat().st_ino
    moved: list[str] = []
    replace = os.replace

    def note(source: Path, final: Path) -> None:
        moved.append(Path(final).name)
        replace(source, final)

    with atomic_folder(target, last="b") as temporary:
        for name in "abc":
            (temporary / name).write_text(name)
        monkeypatch.setattr(os, "replace", note)
    assert target.stat().st_ino == place
    assert Path("a").read_text(encoding="utf-8") == "a"
    assert moved == ["a", "c", "b"]
    assert entries(target) == ["a", "b", "c"]


def test_a_kept_folder_is_empty_again_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "demo"
    target.mkdir()
    replace = os.replace

    def fail(source: Path, final: Path) -> None:
        if Path(final) == target / "b":
            raise OSError(errno.ENOSPC, "full")
        replace(source, final)

    def fill() -> None:
        with atomic_folder(target, last="b") as temporary:
            for name in "abc":
                (temporary / name).write_text(name)
            monkeypatch.setattr(os, "replace", fail)

    with pytest.raises(ProjectError, match="the disk is full"):
        fill()
    assert entries(target) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with atomic_folder(tmp_path / "demo") as temporary:
        (temporary / "a").write_text("a")
    assert entries(tmp_path / "demo") == ["a"]


def test_a_folder_of_the_same_name_stays(tmp_path: Path) -> None:
    (tmp_path / "out.txt").mkdir()
    with pytest.raises(ProjectError, match=r"cannot write .*out\.txt"):
        write_text(tmp_path / "out.txt", "new")
    assert entries(tmp_path) == ["out.txt"]
    assert (tmp_path / "out.txt").is_dir()


def test_leftovers_of_killed_writers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("kept.npy", ".saim-writing-0123456789ab-a.json", ".hidden"):
        (tmp_path / name).write_text("")
    (tmp_path / ".saim-writing-0123456789ab-best" / "deep").mkdir(parents=True)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / ".saim-writing-0123456789ab-b").write_text("")
    remove_leftovers(tmp_path)
    assert entries(tmp_path) == [".hidden", "below", "kept.npy"]
    assert len(entries(tmp_path / "below")) == 1
    remove_leftovers(tmp_path / "absent")


def test_leftovers_may_be_spared_while_others_write(tmp_path: Path) -> None:
    old, young = (tmp_path / f".saim-writing-0123456789ab-{name}" for name in ("old", "young"))
    for path in (old, young):
        path.write_text("")
    os.utime(old, (0, 0))
    remove_leftovers(tmp_path, seconds_old=3600)
    assert entries(tmp_path) == [young.name]
