"""Preprocessed series and their labels, decoded once and memory-mapped from then on.

Entries are named by what they were made from (the bytes of the files, the options, the grid, the
classes), so an entry never goes stale: a changed file or option leads to another one. The folder
may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from SAIMCore.classes import ClassTable
from SAIMCore.data import reading
from SAIMCore.data.array_files import open_array, write_array
from SAIMCore.data.atomic import disk_errors_named, remove_leftovers
from SAIMCore.data.contents import ContentDigests
from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import (
    ConfigurationError,
    InvalidImageError,
    InvalidLabelmapError,
    ProjectError,
    SaimError,
)

__all__ = ["CachedSeries", "SeriesCache"]

# Raise it when preprocessing or the layout of entries changes.
_VERSION = 2
_TYPES = ("float16", "float32")
_DAY = 86_400.0

Stack = np.memmap[Any, np.dtype[Any]]
Content = tuple[np.ndarray[Any, np.dtype[Any]], Geometry]


@dataclass(frozen=True)
class CachedSeries:
    """A preprocessed series: ``slices`` (S, H, W), memory-mapped, read-only, and its grid."""

    name: str
    slices: Stack
    geometry: Geometry


class SeriesCache:
    """The cache in ``folder``, with intensities as ``dtype`` (float16 or float32).

    Several processes may use one folder at once. Raises ConfigurationError for another dtype.
    """

    def __init__(self, folder: str | os.PathLike[str], dtype: str = "float16") -> None:
        if dtype not in _TYPES:
            raise ConfigurationError(
                f"the cache cannot hold {dtype!r}; choose one of {', '.join(_TYPES)}"
            )
        self.folder = Path(folder)
        self._dtype = dtype
        self._digests = ContentDigests(self.folder / "digests")

    def series(self, source: SeriesSource, options: PreprocessingOptions) -> CachedSeries:
        """The series at ``source``, prepared with ``options``; decoded if it never was.

        Raises InvalidImageError as ``read_series`` does, ProjectError when the disk is full or
        read-only.
        """

        def decode() -> Content:
            volume = reading.read_series(source)
            values = preprocess(volume.array, options, volume.geometry.spacing)
            return values.astype(self._dtype), volume.geometry

        digest = self.digest(source)
        key = _key("series", digest, options.to_json(), self._dtype)
        slices, geometry = self._entry("series", key, decode)
        return CachedSeries(source.name, slices, geometry)

    def digest(self, source: SeriesSource) -> str:
        """``content_digest`` of the files of ``source``, read only where they have changed.

        Raises InvalidImageError when they cannot be read.
        """
        return self._digest(source.files, InvalidImageError)

    def labels(
        self, path: str | os.PathLike[str], geometry: Geometry, classes: ClassTable
    ) -> Stack:
        """Class indices (S, H, W), uint8, of the labelmap at ``path`` on the grid of its series.

        Raises InvalidLabelmapError as ``read_labelmap`` does, ProjectError when the disk is full
        or read-only.
        """

        def decode() -> Content:
            return reading.read_labelmap(path, geometry, classes), geometry

        digest = self._digest([Path(path)], InvalidLabelmapError)
        key = _key("labels", digest, geometry.to_json(), [entry.value for entry in classes])
        return self._entry("labels", key, decode)[0]

    def remove_leftovers(self) -> None:
        """Remove what killed writers left; not what is younger than a day: others may write it."""
        for part in ("series", "labels", "digests", "thumbnails"):
            remove_leftovers(self.folder / part, _DAY)

    def _digest(self, files: Sequence[Path], kind: type[SaimError]) -> str:
        try:
            return self._digests.digest(files)
        except OSError as error:
            raise kind(
                f"{error.filename} cannot be read ({error.strerror}); put it back where it was"
            ) from error

    def _entry(self, part: str, key: str, decode: Callable[[], Content]) -> tuple[Stack, Geometry]:
        path = self.folder / part / f"{key}.npy"
        found = open_array(path)
        if found is None:
            found = self._fill(path, decode)
        stack, about = found
        return stack, Geometry.from_json(about)

    def _fill(self, path: Path, decode: Callable[[], Content]) -> tuple[Stack, dict[str, Any]]:
        with disk_errors_named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whoever comes second waits and finds the entry of the first.
            with FileLock(path.with_suffix(".lock")):
                found = open_array(path)
                if found is None:
                    volume, geometry = decode()
                    stack = to_slices(volume, geometry.acquisition_axis)
                    write_array(path, stack, geometry.to_json())
                    found = open_array(path)
        if found is None:
            raise ProjectError(
                f"the cache entry {path} was damaged while it was written; try again"
            )
        return found


def _key(*parts: Any) -> str:
    text = json.dumps([_VERSION, *parts], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
