"""Writing images so that a file is complete or not there."""

from __future__ import annotations

import math
import os
from pathlib import Path

import SimpleITK as sitk

from SAIMCore.data.atomic import atomic_path
from SAIMCore.data.formats import defect
from SAIMCore.errors import ProjectError

__all__ = ["write_image"]

_CHUNK = 1 << 20


def write_image(image: sitk.Image, path: Path) -> None:
    """Write ``image`` compressed, atomically, in the format that the suffix of ``path`` names.

    Raises ProjectError when the disk is full, read-only or closed to this user, or the format
    cannot hold the image.
    """
    with atomic_path(path) as temporary:
        # A disk that is closed is told apart here; ITK would only say that it could not write.
        temporary.touch()
        try:
            sitk.WriteImage(image, os.fspath(temporary), useCompression=True)
        except RuntimeError as error:
            _raise_disk_error(temporary, image)
            raise ProjectError(
                f"cannot write {path}: {_reason(error)}; choose another format or place"
            ) from error
        # ITK does not notice when the disk gets full under a NIfTI file.
        found = defect(temporary)
        if found:
            _raise_disk_error(temporary, image)
            raise ProjectError(f"cannot write {path}: what was written {found}; try again")


def _raise_disk_error(temporary: Path, image: sitk.Image) -> None:
    """Raise the OSError that ITK kept to itself, if the disk has no place for the image."""
    size = math.prod(image.GetSize()) * image.GetNumberOfComponentsPerPixel()
    size *= image.GetSizeOfPixelComponent()
    with temporary.open("wb") as file:
        for start in range(0, size, _CHUNK):
            file.write(bytes(min(_CHUNK, size - start)))
        file.flush()
        os.fsync(file.fileno())


def _reason(error: RuntimeError) -> str:
    """What ITK says in its first line that is no place in its source code."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line.partition("ERROR:")[2].strip() for line in lines if "ERROR:" in line]
    return next(filter(None, [*told, *lines]), "ITK gives no reason").rstrip(".")
