"""Voxels apart from their header: whether compressed ones unpack to as many as it says.

ITK stops unpacking where the voxels are complete or the content is damaged, and in both cases
says nothing: the rest of the image is then zero or garbage. Every stream ends with a checksum, so
unpacking it to its end tells.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

__all__ = ["NO_VOXELS", "unpacking_defect"]

NO_VOXELS = "names no file of its voxels that exists (a pattern of names cannot be read)"
_CHUNK = 1 << 20
# The header of the stream says whether it is zlib's or gzip's.
_ANY_HEADER = 32 + zlib.MAX_WBITS
_GZIP = b"\x1f\x8b"


def unpacking_defect(places: Sequence[tuple[Path, int]], expected: int | None) -> str | None:
    """What is wrong with the streams at ``places`` (file, offset) as a phrase, or None.

    expected: bytes in all of them together, or None when nothing says how many. Memory is bounded.
    """
    found = 0
    for path, offset in places:
        try:
            with path.open("rb") as file:
                file.seek(offset)
                found += _length(file)
        except EOFError:
            return "is truncated: its compressed content ends too early"
        except zlib.error as error:
            return f"is damaged: its compressed content cannot be unpacked ({error})"
    if expected is None or found == expected:
        return None
    damage = "truncated" if found < expected else "damaged"
    return f"is {damage}: {found} bytes of voxels where its header says {expected}"


def _length(file: BinaryIO) -> int:
    """Bytes in the stream (gzip: in all of its members) from here on; what follows is ignored.

    Raises EOFError when it ends too early, zlib.error when it is damaged.
    """
    length = 0
    stream = zlib.decompressobj(_ANY_HEADER)
    packed = file.read(_CHUNK)
    while packed or not stream.eof:
        if stream.eof:
            if not packed.startswith(_GZIP):
                break
            stream = zlib.decompressobj(_ANY_HEADER)
        if not packed:
            raise EOFError
        length += len(stream.decompress(packed, _CHUNK))
        rest = stream.unused_data if stream.eof else stream.unconsumed_tail
        # Two bytes at least, to see whether another member begins.
        packed = rest if len(rest) > 1 else rest + file.read(_CHUNK)
    return length
