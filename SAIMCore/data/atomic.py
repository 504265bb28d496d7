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
}


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; when the block succeeds it becomes ``path``.

    The temporary name ends like the final one, so that writers that go by the suffix
    (``.nii.gz``) work. When the block fails, nothing is left and an earlier file stays as it was.

    Raises ProjectError when the folder does not exist, or the disk is full, read-only or closed
    to this user.
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
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a new temporary folder; when the block succeeds it becomes the folder ``path``.

    Raises ProjectError when ``path`` already has content, and for the reasons of ``atomic_path``.
    """
    final = Path(path)
    if final.is_file() or (final.is_dir() and any(final.iterdir())):
        raise ProjectError(f"{final} already exists and is not empty; choose another name")
    temporary = _temporary_beside(final)
    with disk_errors_named(final):
        try:
            temporary.mkdir()
            yield temporary
            for folder, _, names in os.walk(temporary):
                for name in names:
                    _flush(Path(folder, name))
                _flush_folder(Path(folder))
            if final.is_dir():
                final.rmdir()
            temporary.replace(final)
            _flush_folder(final.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` as UTF-8, atomically. Raises ProjectError like ``atomic_path``."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | os.PathLike[str], content: Any) -> None:
    """Write ``content`` as indented JSON, atomically. Raises ProjectError like ``atomic_path``."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _temporary_beside(final: Path) -> Path:
    if not final.parent.is_dir():
        raise ProjectError(f"cannot write {final}: its folder does not exist; create it first")
    return final.with_name(f"{TEMPORARY_PREFIX}{uuid4().hex[:12]}-{final.name}")


@contextlib.contextmanager
def disk_errors_named(path: Path) -> Iterator[None]:
    """Turn a full, read-only or closed disk, met in the block, into a ProjectError on ``path``."""
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
