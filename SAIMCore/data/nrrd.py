"""NRRD headers: where the voxels are, and whether compressed ones are all there.

What ITK refuses by itself and without noise (everything uncompressed) is left to it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.data.unpacking import NO_VOXELS, unpacking_defect

__all__ = ["nrrd_defect", "nrrd_names"]

_HEADER_LIMIT = 1 << 24
_BYTES_OF_WORD = {"char": 1, "short": 2, "int": 4, "float": 4, "double": 8}


@dataclass(frozen=True)
class _Header:
    """Fields without blanks in their names, names of detached files, where the header ends."""

    fields: dict[str, str]
    names: tuple[str, ...]
    length: int


def nrrd_names(path: Path) -> tuple[str, ...]:
    """Names of the files that hold the voxels of the NRRD header at ``path``; none if it does."""
    return _header(path).names


def nrrd_defect(path: Path) -> str | None:
    """What is wrong with the file as a phrase ("is damaged: ..."), or None."""
    with path.open("rb") as file:
        if file.read(4) != b"NRRD":
            return "is not a NRRD image"
    header = _header(path)
    files = [path.parent / name for name in header.names]
    if not all(file.is_file() for file in files) or (_is_detached(path) and not files):
        return NO_VOXELS
    if header.fields.get("encoding", "").lower() not in ("gz", "gzip"):
        return None
    places = [(file, 0) for file in files] or [(path, header.length)]
    try:
        lines = int(header.fields.get("lineskip", 0))
        expected = _voxel_bytes(header.fields)
        if expected is not None:
            # In each file these bytes are skipped after unpacking.
            expected += len(places) * max(int(header.fields.get("byteskip", 0)), 0)
    except ValueError as error:
        return f"has a NRRD header that cannot be understood ({error})"
    return unpacking_defect([_after_lines(*place, lines) for place in places], expected)


def _is_detached(path: Path) -> bool:
    return path.name.lower().endswith(".nhdr")


def _header(path: Path) -> _Header:
    fields: dict[str, str] = {}
    names: list[str] = []
    listed = False
    with path.open("rb") as file:
        while file.tell() < _HEADER_LIMIT:
            line = file.readline(_HEADER_LIMIT).decode("utf-8", errors="replace").strip()
            if not line:
                break
            match = re.match(r"([\w ]+):(?!=)\s*(.*)", line)
            if listed:
                names.append(line)
            elif match and not line.startswith("#"):
                field = match.group(1).replace(" ", "").lower()
                fields[field] = match.group(2).strip()
                listed = field == "datafile" and fields[field].startswith("LIST")
        length = file.tell()
    if "datafile" in fields and not listed:
        names = [fields["datafile"]]
    return _Header(fields, tuple(names), length)


def _voxel_bytes(fields: dict[str, str]) -> int | None:
    """Bytes that the header announces, or None when its type is none of numbers."""
    kind = fields.get("type", "").lower()
    bits = re.fullmatch(r"u?int(8|16|32|64)(_t)?", kind)
    if bits:
        each = int(bits.group(1)) // 8
    elif "long" in kind:
        each = 8
    else:
        words = [size for word, size in _BYTES_OF_WORD.items() if word in kind]
        if not words:
            return None
        # "short int" is a short one.
        each = words[0]
    return math.prod(int(size) for size in fields.get("sizes", "").split()) * each


def _after_lines(path: Path, offset: int, lines: int) -> tuple[Path, int]:
    with path.open("rb") as file:
        file.seek(offset)
        for _ in range(lines):
            file.readline(_HEADER_LIMIT)
        return path, file.tell()
