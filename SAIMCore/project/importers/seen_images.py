"""Finding an image that is there already, whatever its file is called."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import Volume, read_series
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.project.records import SeriesRecord

__all__ = ["SeenImages"]


class SeenImages:
    """The images met so far, and those of the series that a project has already.

    Compared by voxels and grid: the same image, compressed or named differently, is still the same.
    An image of the project is read only when a new one has its grid.
    """

    def __init__(self, existing: Iterable[SeriesRecord] = ()) -> None:
        self._seen: dict[bytes, Path] = {}
        self._unread: dict[Geometry, list[SeriesSource]] = defaultdict(list)
        for record in existing:
            self._unread[record.geometry].append(record.source)

    def refuse_repeated(self, source: SeriesSource, volume: Volume) -> None:
        """Raise ProjectError when the image ``volume`` of ``source`` was met before."""
        for known in self._unread.pop(volume.geometry, ()):
            try:
                self._seen.setdefault(_digest(read_series(known)), known.path)
            except SaimError:
                # A file that was moved or damaged cannot be compared; 'saim status' names it.
                continue
        other = self._seen.setdefault(_digest(volume), source.path)
        if other is not source.path:
            raise ProjectError(
                f"duplicate series: {other} and {source.path} are the same image; remove one"
            )


def _digest(volume: Volume) -> bytes:
    digest = hashlib.blake2b(volume.array.tobytes(), digest_size=16)
    digest.update(repr(volume.geometry).encode())
    return digest.digest()
