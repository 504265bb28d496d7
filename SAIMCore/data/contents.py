"""Digests of file contents, remembered as long as the files do not change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SAIMCore.data.atomic import disk_errors_named, write_json

__all__ = ["ContentDigests", "content_digest"]

_CHUNK = 1 << 20
_BYTES = 20


def content_digest(files: Sequence[Path]) -> str:
    """Digest (hexadecimal BLAKE2b) of the bytes of ``files``, in order."""
    digest = hashlib.blake2b(digest_size=_BYTES)
    for path in files:
        # The length keeps bytes from moving from one file to the next unnoticed.
        digest.update(path.stat().st_size.to_bytes(8, "little"))
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


class ContentDigests:
    """Digests kept in ``folder``, one small file for each group of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def digest(self, files: Sequence[Path]) -> str:
        """``content_digest(files)``, computed anew only when a size or a time has changed.

        Raises OSError when a file cannot be read, ProjectError when the digest cannot be kept.
        """
        paths = [path.resolve() for path in files]
        state = _state(paths)
        names = "\0".join(str(path) for path in paths)
        record = self._folder / hashlib.blake2b(names.encode(), digest_size=_BYTES).hexdigest()
        known = _read(record)
        if known is not None and known.get("state") == state and "digest" in known:
            return str(known["digest"])
        digest = content_digest(paths)
        with disk_errors_named(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        write_json(record, {"state": state, "digest": digest})
        return digest


def _state(paths: Sequence[Path]) -> list[list[Any]]:
    found = [(path, path.stat()) for path in paths]
    return [[str(path), state.st_size, state.st_mtime_ns] for path, state in found]


def _read(record: Path) -> dict[str, Any] | None:
    """The record, or None when there is none that can be used."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
