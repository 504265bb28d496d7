"""The file formats of images: suffixes, headers, and whether a file is all there.

ITK passes over some damage in silence and reports other damage on the terminal only, so headers
are compared with the bytes on disk before it reads.
"""

from __future__ import annotations

import os
from pathlib import Path

from SAIMCore.data.metaimage import metaimage_defect, metaimage_names
from SAIMCore.data.nifti import nifti_defect
from SAIMCore.data.nrrd import nrrd_defect, nrrd_names

__all__ = ["IMAGE_SUFFIXES", "defect", "detached_files", "image_suffix", "name_without_suffix"]

IMAGE_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")
_META, _NRRD = (".mha", ".mhd"), (".nrrd", ".nhdr")


def image_suffix(path: Path) -> str | None:
    """The image suffix of ``path`` in lower case, or None when it has none that is known."""
    name = path.name.lower()
    return next((suffix for suffix in IMAGE_SUFFIXES if name.endswith(suffix)), None)


def name_without_suffix(path: Path) -> str:
    """File name without its image suffix."""
    return path.name[: len(path.name) - len(image_suffix(path) or "")]


def detached_files(path: Path) -> tuple[Path, ...]:
    """Files beside ``path`` that hold its voxels, as a NRRD or MetaImage header names them."""
    suffix = image_suffix(path)
    if suffix in _META:
        names = metaimage_names(path)
    elif suffix in _NRRD:
        names = nrrd_names(path)
    else:
        return ()
    return tuple(path.parent / name for name in names if (path.parent / name).is_file())


def defect(path: Path) -> str | None:
    """What is wrong with the file as a phrase ("is truncated: ..."), or None.

    Compressed content is unpacked to its end, in bounded memory.
    """
    if not path.is_file():
        return "does not exist"
    if not os.access(path, os.R_OK):
        return "may not be read; change its permissions"
    if path.stat().st_size == 0:
        return "is empty (0 bytes)"
    suffix = image_suffix(path)
    if suffix in _META:
        return metaimage_defect(path)
    if suffix in _NRRD:
        return nrrd_defect(path)
    return nifti_defect(path)
