"""MetaImage headers (.mha, .mhd): where the voxels are, and whether they are all there."""

from __future__ import annotations

import math
from pathlib import Path

from SAIMCore.data.unpacking import NO_VOXELS, unpacking_defect

__all__ = ["metaimage_defect", "metaimage_names"]

_HEADER_LIMIT = 1 << 16
_LOCAL = "LOCAL"
_BYTES = {
    "CHAR": 1, "UCHAR": 1, "SHORT": 2, "USHORT": 2, "INT": 4, "UINT": 4, "LONG": 4, "ULONG": 4,
    "LONG_LONG": 8, "ULONG_LONG": 8, "FLOAT": 4, "DOUBLE": 8,
}  # fmt: skip


def metaimage_names(path: Path) -> tuple[str, ...]:
    """Name of the file that holds the voxels of the header at ``path``; none if it does itself."""
    name = _header(path)[0].get("ElementDataFile", _LOCAL)
    return () if name.upper() == _LOCAL else (name,)


def metaimage_defect(path: Path) -> str | None:
    """What is wrong with the file as a phrase ("is truncated: ..."), or None."""
    header, length = _header(path)
    kind = header.get("ElementType", "").removeprefix("MET_").removesuffix("_ARRAY")
    if not {"DimSize", "ElementDataFile"} <= header.keys() or kind not in _BYTES:
        return "is not a complete MetaImage header"
    voxels = path
    for name in metaimage_names(path):
        voxels, length = path.parent / name, 0
    if not voxels.is_file():
        return NO_VOXELS
    try:
        return _voxel_defect(voxels, length, header, _BYTES[kind])
    except ValueError as error:
        return f"has a MetaImage header that cannot be understood ({error})"


def _voxel_defect(path: Path, start: int, header: dict[str, str], each: int) -> str | None:
    if header.get("BinaryData", "True")[:1] in ("F", "f", "0"):
        # Numbers as text have no fixed size; ITK refuses them when some are missing.
        return None
    channels = int(header.get("ElementNumberOfChannels", 1))
    expected = math.prod(int(size) for size in header["DimSize"].split()) * channels * each
    compressed = _is_true(header, "CompressedData")
    found = path.stat().st_size - start
    packed = int(header.get("CompressedDataSize", 1)) if compressed else expected
    if found < packed:
        return f"is truncated: {found} bytes where its header says {packed}"
    if not compressed:
        return None
    return unpacking_defect([(path, max(start, int(header.get("HeaderSize", 0))))], expected)


def _is_true(header: dict[str, str], key: str) -> bool:
    # As ITK does.
    return header.get(key, "")[:1] in ("T", "t", "1")


def _header(path: Path) -> tuple[dict[str, str], int]:
    """Fields of a MetaImage header, and its length."""
    fields: dict[str, str] = {}
    with path.open("rb") as file:
        content = file.read(_HEADER_LIMIT)
    position = 0
    for line in content.splitlines(keepends=True):
        position += len(line)
        key, separator, value = line.decode("latin-1").partition("=")
        if not separator:
            break
        fields[key.strip()] = value.strip()
        if key.strip() == "ElementDataFile":
            break
    return fields, position
