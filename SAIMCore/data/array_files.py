"""Arrays on disk that are opened memory-mapped and known to be whole.

Beside ``NAME.npy`` lies ``NAME.json`` with shape, type, checksum and whatever belongs to the
array. As long as size and time of the array file are what they were when it was written, opening
it reads nothing but the two headers; otherwise (a copied folder, a damaged file) the checksum
decides.

A memory map keeps its file open as long as it lives (Python duplicates the descriptor), and a
process may have 256 (macOS) or 1,024 open files. Whoever works on many arrays at once keeps a
``StoredArray`` of each instead.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import operator
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.atomic import atomic_path, write_json
from SAIMCore.errors import ProjectError

__all__ = ["StoredArray", "open_array", "write_array"]

# Entries that iterating reads at once, so that a file is not opened for each of them.
_BLOCK = 16
# What says nothing about the file: the system is short of descriptors or address space.
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


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
    """The array at ``path``, read-only, and what is known about it; None if it is not whole.

    Raises ProjectError when the process may open no further file.
    """
    try:
        entry = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        state = _state(path)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        wanted = (tuple(entry["shape"]), entry["dtype"], entry["checksum"], entry["about"])
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            raise ProjectError(
                f"{path} cannot be opened ({error.strerror}); close other programs, or raise the "
                "limit on open files ('ulimit -n')"
            ) from error
        return None
    shape, dtype, checksum, about = wanted
    if not isinstance(array, np.memmap) or array.shape != shape or array.dtype.name != dtype:
        return None
    if state != entry.get("state"):
        if _checksum(array) != checksum:
            return None
        _remember(path, {**entry, "state": state})
    return array, about


class StoredArray:
    """An array on disk that is read part by part and holds neither memory nor an open file.

    It reads the file of ``mapped``, as ``open_array`` gives it. When that file is gone (a cache
    may be deleted at any time), ``restore`` is called, which makes it again at the same place.
    """

    def __init__(
        self, mapped: np.memmap[Any, np.dtype[Any]], restore: Callable[[], object]
    ) -> None:
        self.shape: tuple[int, ...] = mapped.shape
        self.dtype = mapped.dtype
        self._path = Path(str(mapped.filename))
        self._offset = mapped.offset
        self._restore = restore

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int | slice) -> NDArray[Any]:
        """One entry along the first axis, or the entries of a slice without a step.

        Raises IndexError for an entry that does not exist, ProjectError when the file is gone and
        cannot be made again.
        """
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise IndexError(f"a stored array is read in steps of 1, not of {step}")
            return self._read(start, max(0, stop - start))
        number = operator.index(index)
        if not -len(self) <= number < len(self):
            raise IndexError(f"entry {number} of {len(self)}")
        entry: NDArray[Any] = self._read(number % len(self), 1)[0]
        return entry

    def __iter__(self) -> Iterator[NDArray[Any]]:
        for start in range(0, len(self), _BLOCK):
            yield from self[start : start + _BLOCK]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All of it, in memory."""
        return np.asarray(self[:], dtype=dtype)

    def _read(self, start: int, count: int) -> NDArray[Any]:
        values = self._from_file(start, count)
        if values is None:
            self._restore()
            values = self._from_file(start, count)
        if values is None:
            raise ProjectError(
                f"{self._path} was removed while it was in use, and what it was made from has "
                "changed since; start again"
            )
        return values

    def _from_file(self, start: int, count: int) -> NDArray[Any] | None:
        entry = math.prod(self.shape[1:])
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(self._offset + start * entry * self.dtype.itemsize)
                values = np.fromfile(file, self.dtype, count * entry)
        except FileNotFoundError:
            return None
        if values.size < count * entry:
            return None
        return values.reshape(count, *self.shape[1:])


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
