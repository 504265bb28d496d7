"""What is wrong with a NIfTI file that the NIfTI library would pass over in silence.

That library fills the missing part of a truncated file with zeros and turns NaN and infinite
voxels into zeros. So the bytes are looked at before it reads them.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from SAIMCore.data.nifti_grid import nifti_grid_defect

__all__ = ["nifti_defect"]

_CHUNK = 1 << 20
_HEADER = 348
_FLOATS = {16: "f4", 64: "f8"}


@dataclass(frozen=True)
class _Layout:
    """Where the voxels are, their floating-point type if they have one, and the byte order."""

    order: str
    offset: int
    length: int
    floats: str | None


def nifti_defect(path: Path) -> str | None:
    """What is wrong with the file as a phrase ("is truncated: ..."), or None."""
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    if compressed and not path.name.lower().endswith(".gz"):
        return "is compressed, which ITK expects of names ending with .nii.gz only; rename it"
    try:
        if compressed:
            with gzip.open(path) as file:
                return _content_defect(file)
        with path.open("rb") as file:
            return _content_defect(file)
    except EOFError:
        return "is truncated: its compressed content ends too early"
    except (gzip.BadGzipFile, zlib.error) as error:
        return f"is damaged: its compressed content cannot be unpacked ({error})"


def _content_defect(file: BinaryIO | gzip.GzipFile) -> str | None:
    header = file.read(_HEADER)
    if header[4:7] == b"n+2":
        return "is a NIfTI-2 image, which ITK cannot read; save it as NIfTI-1"
    layout = _layout(header)
    if layout is None:
        return "is not a NIfTI image"
    file.seek(layout.offset)
    found, broken = 0, 0
    # To the end even without floats: that checks the checksum of a compressed file.
    while chunk := file.read(_CHUNK):
        voxels = chunk[: max(layout.length - found, 0)]
        found += len(chunk)
        if layout.floats is not None:
            size = np.dtype(layout.floats).itemsize
            values = np.frombuffer(voxels[: len(voxels) // size * size], layout.floats)
            broken += int(np.count_nonzero(~np.isfinite(values)))
    if found < layout.length:
        return f"is truncated: {found} bytes of voxels where its header says {layout.length}"
    if broken:
        return f"has {broken} voxel{'s' if broken > 1 else ''} with a NaN or infinite value"
    return nifti_grid_defect(header, layout.order)


def _layout(header: bytes) -> _Layout | None:
    """The layout that a NIfTI-1 header describes, or None if it is none."""
    if len(header) < _HEADER:
        return None
    for order in "<>":
        (length,) = struct.unpack_from(f"{order}i", header)
        if length != _HEADER or header[344:348] != b"n+1\0":
            continue
        dimensions = struct.unpack_from(f"{order}8h", header, 40)
        kind, bits = struct.unpack_from(f"{order}2h", header, 70)
        (offset,) = struct.unpack_from(f"{order}f", header, 108)
        if not 1 <= dimensions[0] <= 7 or not _HEADER <= offset < 2**31:
            return None
        voxels = math.prod(max(size, 1) for size in dimensions[1 : 1 + dimensions[0]])
        floats = f"{order}{_FLOATS[kind]}" if kind in _FLOATS else None
        return _Layout(order, int(offset), voxels * bits // 8, floats)
    return None
