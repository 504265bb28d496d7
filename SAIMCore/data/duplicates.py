"""Series that are there twice: under one name, or the same image under two."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.data.sources import SeriesSource

__all__ = ["refuse_duplicates"]

_SAMPLE = 1 << 16
_CHUNK = 1 << 20


def refuse_duplicates(sources: Sequence[SeriesSource]) -> None:
    """Raise ProjectError when two sources have the same name or the same content."""
    _refuse_same_name(sources)
    _refuse_same_content(sources)


def _refuse_same_name(sources: Iterable[SeriesSource]) -> None:
    # Without regard to case: a project must also work where the file system has none.
    seen: dict[str, SeriesSource] = {}
    for source in sources:
        other = seen.setdefault(source.name.casefold(), source)
        if other is not source:
            raise ProjectError(
                f"duplicate series {source.name!r}: {other.path} and {source.path} get the same "
                "name; rename or remove one"
            )


def _refuse_same_content(sources: Sequence[SeriesSource]) -> None:
    """Compare sizes first, then a sample, and all bytes only where these agree."""
    # What is left of damaged files may be the same by chance, and is reported anyway.
    groups = [[source for source in sources if source.problem is None]]
    for trait in (_size, _sample, _digest):
        split = []
        for group in groups:
            alike: dict[object, list[SeriesSource]] = defaultdict(list)
            for source in group:
                # The voxels: the last file is where they are when a header is separate.
                alike[trait(source.files[-1])].append(source)
            split += [members for members in alike.values() if len(members) > 1]
        groups = split
    if groups:
        first, second = groups[0][:2]
        raise ProjectError(
            f"duplicate series: {first.path} and {second.path} are the same image; remove one"
        )


def _size(path: Path) -> int:
    return path.stat().st_size


def _sample(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
        file.seek(-min(_SAMPLE, _size(path)), os.SEEK_END)
        return start, file.read()


def _digest(path: Path) -> bytes:
    digest = hashlib.blake2b()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()
