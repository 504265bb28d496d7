"""The file formats of images: suffixes, headers, and whether a file is all there.

ITK passes over some damage in silence and reports other damage on the terminal only, so headers
are compared with the bytes on disk before it reads.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

from SAIMCore.data.nifti import nifti_defect

__all__ = ["IMAGE_SUFFIXES", "defect", "detached_files", "image_suffix", "name_without_suffix"]

IMAGE_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")

_NO_VOXELS = "names no file of its voxels that exists (a pattern of names cannot be read)"
_HEADER_LIMIT = 1 << 16
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

    What ITK refuses by itself and without noise (NRRD) is left to it.
    """
    if not path.is_file():
        return "does not exist"
    if not os.access(path, os.R_OK):
        return "may not be read; change its permissions"
    if path.stat().st_size == 0:
        return "is empty (0 bytes)"
    suffix = image_suffix(path)
    if suffix in (".nii", ".nii.gz"):
        return nifti_defect(path)
    if suffix in (".mha", ".mhd"):
        return _meta_defect(path)
    with path.open("rb") as file:
        if file.read(4) != b"NRRD":
            return "is not a NRRD image"
    if suffix == ".nhdr" and not detached_files(path):
        return _NO_VOXELS
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
        return _NO_VOXELS
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
