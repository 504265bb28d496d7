"""Arrays on disk that are opened memory-mapped and known to be whole.

Beside ``NAME.npy`` lies ``NAME.json`` with shape, type, checksum and whatever belongs to the
array. As long as size and time of the array file are what they were when it was written, opening
it reads nothing but the two headers; otherwise (a copied folder, a damaged file) the checksum
decides.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.atomic import atomic_path, write_json
from SAIMCore.errors import ProjectError

__all__ = ["open_array", "write_array"]


def write_array(path: Path, array: NDArray[Any], about: dict[str, Any]) -> None:
    """Write ``array`` to ``path`` (.npy) and ``about`` beside it, each atomically."""
    content = np.ascontiguousarray(array)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, np.lib.format.header_data_from_array_1_0(content)
        )
        # Not numpy's own writing: it hides the reason (a full disk) in its error.
        file.write(content.data)
    entry = {
        "shape": list(content.shape),
        "dtype": content.dtype.name,
        "checksum": _checksum(content),
        "state": _state(path),
        "about": about,
    }
    write_json(path.with_suffix(".json"), entry)


def open_array(path: Path) -> tuple[np.memmap[Any, np.dtype[Any]], dict[str, Any]] | None:
    """The array at ``path``, read-only, and what is known about it; None if it is not whole."""
    try:
        entry = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        state = _state(path)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        wanted = (tuple(entry["shape"]), entry["dtype"], entry["checksum"], entry["about"])
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    shape, dtype, checksum, about = wanted
    if not isinstance(array, np.memmap) or array.shape != shape or array.dtype.name != dtype:
        return None
    if state != entry.get("state"):
        if _checksum(array) != checksum:
            return None
        _remember(path, {**entry, "state": state})
    return array, about


def _remember(path: Path, entry: dict[str, Any]) -> None:
    try:
        write_json(path.with_suffix(".json"), entry)
    except ProjectError:
        # A cache on a read-only disk can still be read; it is only checked every time.
        return


def _state(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]


def _checksum(array: NDArray[Any]) -> str:
    return hashlib.blake2b(array.data, digest_size=20).hexdigest()
