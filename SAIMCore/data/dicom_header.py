"""What a DICOM file says about itself before its pixels, as far as it goes.

GDCM tells nothing at all about a file that it cannot read: one that was cut off in a copy looks
like one that is no image. So such files are looked at here, byte by byte (DICOM PS3.5, section 7
and annex A; PS3.10, section 7).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

__all__ = ["DICOM_PREAMBLE", "dicom_fields"]

# Bytes before the groups of a file: 128 for other formats and "DICM".
DICOM_PREAMBLE = 132
# All that is asked for comes before the pixels, and long before this.
_LIMIT = 1 << 20
_META_GROUP, _LAST_GROUP, _ITEM_GROUP = 0x0002, 0x0020, 0xFFFE
_END_OF_SEQUENCE = 0xE0DD
_UNDEFINED = 0xFFFFFFFF
_SYNTAX = "0002|0010"
_IMPLICIT, _BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_LONG_LENGTH = {
    b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV",
}  # fmt: skip


def dicom_fields(path: Path) -> dict[str, str] | None:
    """Texts of the elements up to group 0020, under tags such as "0008|0060".

    A file that ends early gives what is complete. None: it has no "DICM" where that must be.
    """
    with path.open("rb") as file:
        content = file.read(_LIMIT)
    if content[DICOM_PREAMBLE - 4 : DICOM_PREAMBLE] != b"DICM":
        return None
    fields: dict[str, str] = {}
    reader = _Elements(content, "<", explicit=True)
    start = reader.into(fields, DICOM_PREAMBLE, _META_GROUP)
    syntax = fields.get(_SYNTAX, "")
    if syntax != _DEFLATED:
        order = ">" if syntax == _BIG_ENDIAN else "<"
        _Elements(content, order, explicit=syntax != _IMPLICIT).into(fields, start, _LAST_GROUP)
    return fields


class _Elements:
    """Elements in ``content`` in one transfer syntax: byte order ``<`` or ``>``, VR or none."""

    def __init__(self, content: bytes, order: str, explicit: bool) -> None:
        self._content = content
        self._order = order
        self._explicit = explicit

    def into(self, fields: dict[str, str], start: int, last_group: int) -> int:
        """Add the texts of the elements up to ``last_group``; returns where they end."""
        position = start
        for group, element, value, end in self._walk(start):
            if group > last_group:
                break
            fields[f"{group:04x}|{element:04x}"] = value.decode("latin-1").strip(" \0")
            position = end
        return position

    def _walk(self, position: int) -> Iterator[tuple[int, int, bytes, int]]:
        """(group, element, value, end) of each complete element; sequences have no value."""
        while position + 8 <= len(self._content):
            group, element, length, start = self._start(position)
            end = self._after_sequence(start) if length == _UNDEFINED else start + length
            if end > len(self._content):
                return
            yield group, element, b"" if length == _UNDEFINED else self._content[start:end], end
            position = end

    def _start(self, position: int) -> tuple[int, int, int, int]:
        """(group, element, length of the value, its position) of the element at ``position``."""
        group, element = struct.unpack_from(f"{self._order}HH", self._content, position)
        kind = self._content[position + 4 : position + 6]
        if not self._explicit or group == _ITEM_GROUP:
            (length,) = struct.unpack_from(f"{self._order}I", self._content, position + 4)
            return group, element, length, position + 8
        if kind in _LONG_LENGTH:
            if position + 12 > len(self._content):
                return group, element, _UNDEFINED - 1, position
            (length,) = struct.unpack_from(f"{self._order}I", self._content, position + 8)
            return group, element, length, position + 12
        (length,) = struct.unpack_from(f"{self._order}H", self._content, position + 6)
        return group, element, length, position + 8

    def _after_sequence(self, position: int) -> int:
        """Where the sequence of undefined length ends whose first item is at ``position``."""
        depth = 1
        while position + 8 <= len(self._content):
            group, element, length, start = self._start(position)
            depth += length == _UNDEFINED and group != _ITEM_GROUP
            depth -= (group, element) == (_ITEM_GROUP, _END_OF_SEQUENCE)
            if depth == 0:
                return start
            # What an item of undefined length holds comes next.
            position = start if length == _UNDEFINED else start + length
        return len(self._content) + 1
