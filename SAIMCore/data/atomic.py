"""Writing files so that they are complete or not there.

Whatever happens (a kill, a full disk, an error in the middle), a reader finds the old file or the
new one, never a part of one.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from SAIMCore.errors import ProjectError

__all__ = [
    "TEMPORARY_PREFIX",
    "atomic_folder",
    "atomic_path",
    "disk_errors_named",
    "remove_leftovers",
    "write_json",
    "write_text",
]

TEMPORARY_PREFIX = ".saim-writing-"

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "the disk quota is used up; free some space and try again",
    errno.EFBIG: "the file is larger than allowed here; raise the limit or choose another disk",
    errno.EROFS: "the disk is read-only; choose a folder that can be written",
    errno.EACCES: "writing is not permitted; choose a folder that can be written",
    errno.EPERM: "writing is not permitted; choose a folder that can be written",
    errno.EEXIST: "a file of that name is in the way; choose another name",
    errno.ENOTDIR: "a part of its path is a file and no folder; choose another place",
    errno.EISDIR: "a folder of that name is in the way; choose another name",
    errno.EMFILE: "too many files are open; raise the limit on open files ('ulimit -n')",
}


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; when the block succeeds it becomes ``path``.

    The temporary name ends like the final one, so that writers that go by the suffix
    (``.nii.gz``) work. When the block fails, nothing is left and an earlier file stays as it was.

    Raises ProjectError when the folder does not exist, ``path`` is a folder, or the disk is full,
    read-only or closed to this user.
    """
    final = Path(path)
    temporary = _temporary_beside(final)
    with disk_errors_named(final):
        try:
            yield temporary
            _flush(temporary)
            temporary.replace(final)
            _flush_folder(final.parent)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike[str], last: str | None = None) -> Iterator[Path]:
    """Yield a new temporary folder; when the block succeeds it becomes the folder ``path``.

    An empty folder ``path`` is replaced. With ``last`` it is kept, so that a shell that stands in
    it, or a disk that is mounted there, keeps its place: the content is moved into it, at the end
    the entry ``last``, without which the others must count as nothing.

    Raises ProjectError when ``path`` already has content, and for the reasons of ``atomic_path``.
    """
    final = Path(path)
    if final.is_file() or (final.is_dir() and any(final.iterdir())):
        raise ProjectError(f"{final} already exists and is not empty; choose another name")
    kept = last is not None and final.is_dir()
    temporary = _temporary_beside(final / "content" if kept else final)
    with disk_errors_named(final):
        try:
            temporary.mkdir()
            yield temporary
            for folder, _, names in os.walk(temporary):
                for name in names:
                    _flush(Path(folder, name))
                _flush_folder(Path(folder))
            if kept:
                _move_content(temporary, final, last)
            else:
                if final.is_dir():
                    final.rmdir()
                temporary.replace(final)
                _flush_folder(final.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _move_content(temporary: Path, final: Path, last: str | None) -> None:
    """Move all entries to ``final``, ``last`` at the end; all of them or, after an error, none."""
    names = sorted(
        (path.name for path in temporary.iterdir()), key=lambda name: (name == last, name)
    )
    moved: list[Path] = []
    try:
        for name in names:
            if name == last:
                _flush_folder(final)
            (temporary / name).replace(final / name)
            moved.append(final / name)
        _flush_folder(final)
    except OSError:
        for path in moved:
            path.replace(temporary / path.name)
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` as UTF-8, atomically. Raises ProjectError like ``atomic_path``."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | os.PathLike[str], content: Any) -> None:
    """Write ``content`` as indented JSON, atomically. Raises ProjectError like ``atomic_path``."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def remove_leftovers(folder: Path, seconds_old: float = 0.0) -> None:
    """Remove what writers that were killed left in ``folder`` (not in the folders below it).

    For whoever is the only writer there; where others may be writing, ``seconds_old`` spares what
    is younger. What cannot be removed stays: it is in nobody's way.
    """
    for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime < seconds_old:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _temporary_beside(final: Path) -> Path:
    if not final.parent.is_dir():
        raise ProjectError(f"cannot write {final}: its folder does not exist; create it first")
    return final.with_name(f"{TEMPORARY_PREFIX}{uuid4().hex[:12]}-{final.name}")


@contextlib.contextmanager
def disk_errors_named(path: Path) -> Iterator[None]:
    """Turn what the disk refuses in the block into a ProjectError on ``path``.

    It may be full, read-only or closed to this user, or have something else of that name.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _ADVICE:
            raise
        raise ProjectError(f"cannot write {path}: {_ADVICE[error.errno]}") from error


def _flush(path: Path) -> None:
    """Make the content reach the disk before the name does."""
    # Opened for writing: Windows flushes only such handles.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make renames in ``folder`` reach the disk, where the system lets folders be flushed."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
