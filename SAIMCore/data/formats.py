"""The file formats of images: suffixes, headers, and whether a file is all there.

ITK fills the missing part of a truncated NIfTI file with zeros and says nothing, and reports
other damage on the terminal, so headers are compared with the bytes on disk before it reads.
"""

from __future__ import annotations

import gzip
import math
import os
import re
import struct
import zlib
from pathlib import Path

__all__ = ["IMAGE_SUFFIXES", "defect", "detached_files", "image_suffix", "name_without_suffix"]

IMAGE_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")

_HEADER_LIMIT = 1 << 16
_CHUNK = 1 << 20
_NIFTI_BITS_OFFSET = {348: 72, 540: 12}
_META_BYTES = {
    "CHAR": 1, "UCHAR": 1, "SHORT": 2, "USHORT": 2, "INT": 4, "UINT": 4, "LONG": 4, "ULONG": 4,
    "LONG_LONG": 8, "ULONG_LONG": 8, "FLOAT": 4, "DOUBLE": 8,
}  # fmt: skip


def image_suffix(path: Path) -> str | None:
    """The image suffix of ``path`` in lower case, or None when it has none that is known."""
    name = path.name.lower()
    return next((suffix for suffix in IMAGE_SUFFIXES if name.endswith(suffix)), None)


def name_without_suffix(path: Path) -> str:
    """File name without its image suffix."""
    return path.name[: len(path.name) - len(image_suffix(path) or "")]


def detached_files(path: Path) -> tuple[Path, ...]:
    """Files beside ``path`` that hold its voxels, as the header of a .nhdr or .mhd names them."""
    suffix = image_suffix(path)
    if suffix == ".mhd":
        names = [_meta_header(path).get("ElementDataFile", "")]
    elif suffix == ".nhdr":
        names = _nrrd_names(path)
    else:
        return ()
    return tuple(path.parent / name for name in names if (path.parent / name).is_file())


def defect(path: Path) -> str | None:
    """What is wrong with the file as a phrase ("is truncated: ..."), or None.

    Complete says nothing about the content; a damaged compressed NIfTI file is found too.
    """
    if not path.is_file():
        return "does not exist"
    if not os.access(path, os.R_OK):
        return "may not be read; change its permissions"
    if path.stat().st_size == 0:
        return "is empty (0 bytes)"
    suffix = image_suffix(path)
    if suffix in (".nii", ".nii.gz"):
        return _nifti_defect(path)
    if suffix in (".mha", ".mhd"):
        return _meta_defect(path)
    return None


def _nifti_defect(path: Path) -> str | None:
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if compressed else path.open("rb") as file:
            header = file.read(540)
            expected = _nifti_bytes(header)
            if expected is None:
                return "is not a NIfTI image"
            found = len(header) if compressed else path.stat().st_size
            while compressed and (chunk := file.read(_CHUNK)):
                found += len(chunk)
    except EOFError:
        return "is truncated: its compressed content ends too early"
    except (gzip.BadGzipFile, zlib.error) as error:
        return f"is damaged: its compressed content cannot be unpacked ({error})"
    return _truncated(found, expected)


def _nifti_bytes(header: bytes) -> int | None:
    """Bytes that a NIfTI-1 or -2 file with this header must have, or None if it is neither."""
    for order in "<>":
        if len(header) < 348:
            return None
        (length,) = struct.unpack_from(f"{order}i", header)
        if length == 348 and header[344:348] == b"n+1\0":
            dimensions = struct.unpack_from(f"{order}8h", header, 40)
            offset = int(struct.unpack_from(f"{order}f", header, 108)[0])
        elif length == 540 and header[4:8] == b"n+2\0" and len(header) == 540:
            dimensions = struct.unpack_from(f"{order}8q", header, 16)
            (offset,) = struct.unpack_from(f"{order}q", header, 168)
        else:
            continue
        (bits,) = struct.unpack_from(f"{order}h", header, _NIFTI_BITS_OFFSET[length])
        if not 1 <= dimensions[0] <= 7:
            return None
        voxels = math.prod(max(size, 1) for size in dimensions[1 : 1 + dimensions[0]])
        return int(offset + voxels * bits // 8)
    return None


def _meta_defect(path: Path) -> str | None:
    header = _meta_header(path)
    kind = header.get("ElementType", "").removeprefix("MET_").removesuffix("_ARRAY")
    if not {"DimSize", "ElementDataFile"} <= header.keys() or kind not in _META_BYTES:
        return "is not a complete MetaImage header"
    if header["ElementDataFile"].upper() == "LOCAL":
        found = path.stat().st_size - int(header["header bytes"])
    elif voxel_files := detached_files(path):
        found = voxel_files[0].stat().st_size
    else:
        return f"names a file with its voxels, {header['ElementDataFile']}, that does not exist"
    try:
        return _truncated(found, _meta_bytes(header, _META_BYTES[kind]))
    except ValueError as error:
        return f"has a MetaImage header that cannot be understood ({error})"


def _meta_bytes(header: dict[str, str], bytes_per_value: int) -> int:
    if header.get("CompressedData", "").lower() == "true":
        return int(header.get("CompressedDataSize", 1))
    channels = int(header.get("ElementNumberOfChannels", 1))
    return math.prod(int(size) for size in header["DimSize"].split()) * channels * bytes_per_value


def _meta_header(path: Path) -> dict[str, str]:
    """Fields of a MetaImage header, and under "header bytes" its length."""
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
    fields["header bytes"] = str(position)
    return fields


def _nrrd_names(path: Path) -> list[str]:
    """File names after "data file:" in a NRRD header: one, or a list up to the header's end."""
    with path.open("rb") as file:
        lines = file.read(_HEADER_LIMIT).decode("latin-1").splitlines()
    for number, line in enumerate(lines):
        match = re.match(r"data ?file:\s*(.+)", line)
        if match:
            first = match.group(1).strip()
            return lines[number + 1 :] if first.startswith("LIST") else [first]
    return []


def _truncated(found: int, expected: int) -> str | None:
    if found >= expected:
        return None
    return f"is truncated: {found} bytes where its header says {expected}"
