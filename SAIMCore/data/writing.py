"""Writing images so that a file is complete or not there."""

from __future__ import annotations

import os
from pathlib import Path

import SimpleITK as sitk

from SAIMCore.data.atomic import atomic_path
from SAIMCore.data.formats import defect
from SAIMCore.errors import ProjectError

__all__ = ["write_image"]


def write_image(image: sitk.Image, path: Path) -> None:
    """Write ``image`` compressed, atomically, in the format that the suffix of ``path`` names.

    Raises ProjectError when the disk is full, read-only or closed to this user.
    """
    advice = f"cannot write {path}: the disk is full; free some space and try again"
    with atomic_path(path) as temporary:
        # A disk that is closed is told apart here; ITK would only say that it could not write.
        temporary.touch()
        try:
            sitk.WriteImage(image, os.fspath(temporary), useCompression=True)
        except RuntimeError as error:
            raise ProjectError(advice) from error
        # ITK does not notice when the disk gets full under a NIfTI file.
        if defect(temporary):
            raise ProjectError(advice)
