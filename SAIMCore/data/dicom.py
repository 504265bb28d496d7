"""Reading DICOM series: whether the slices of one make a volume, and that volume."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.data.dicom_series import read_header
from SAIMCore.errors import InvalidImageError

__all__ = ["read_dicom"]

_POSITION, _ORIENTATION = "0020|0032", "0020|0037"
_PIXEL_SPACING, _INTERCEPT, _SLOPE = "0028|0030", "0028|1052", "0028|1053"
# Fraction of the slice spacing by which a slice may lie off the even grid.
_PLACE_TOLERANCE = 0.1
# Difference of direction cosines that is no rounding of the scanner.
_TURNED = 1e-2
# The same for the size of pixels, as a fraction.
_RESIZED = 1e-3


def read_dicom(files: Sequence[Path]) -> sitk.Image:
    """Read the files of one series as one image.

    Raises InvalidImageError when a file cannot be read, or the slices do not stand at even
    distances in a straight pile: missing or repeated slices, no positions, several directions or
    volumes, a tilted gantry.
    """
    reader = sitk.ImageSeriesReader()
    reader.SetImageIO("GDCMImageIO")
    reader.MetaDataDictionaryArrayUpdateOn()
    reader.SetFileNames([os.fspath(file) for file in files])
    image = _execute(reader, files)
    if image.GetDimension() == 4 and image.GetSize()[3] == 1:
        # One file with many frames.
        volume: sitk.Image = image[:, :, :, 0]
        return volume
    if image.GetDimension() == 3 and len(files) > 1:
        _check_pile(image, reader, files)
        if image.GetNumberOfComponentsPerPixel() == 1 and _scaled_differently(reader, len(files)):
            # The type of the first slice may be too small for the scale of another one.
            reader.SetOutputPixelType(sitk.sitkFloat32)
            image = _execute(reader, files)
    return image


def _execute(reader: sitk.ImageSeriesReader, files: Sequence[Path]) -> sitk.Image:
    try:
        image: sitk.Image = reader.Execute()
    except RuntimeError as error:
        raise InvalidImageError(_unreadable(files)) from error
    return image


def _unreadable(files: Sequence[Path]) -> str:
    sizes = {}
    for file in files:
        header = read_header(file)
        if header is None or not _has_pixels(header):
            return (
                f"the DICOM file {file} cannot be read (truncated or damaged); copy it again or "
                "remove it"
            )
        sizes[header.GetSize()[:2]] = file
    if len(sizes) > 1:
        listed = " and ".join(f"{width} x {height}" for width, height in sizes)
        return (
            f"the DICOM series in {files[0].parent} has slices of {listed} pixels; "
            "remove those that do not belong to it"
        )
    return f"the DICOM series in {files[0].parent} has a damaged or truncated file; copy it again"


def _has_pixels(header: sitk.ImageFileReader) -> bool:
    try:
        header.Execute()
    except RuntimeError:
        return False
    return True


def _scaled_differently(reader: sitk.ImageSeriesReader, count: int) -> bool:
    return any(len(set(_texts(reader, count, key))) > 1 for key in (_SLOPE, _INTERCEPT))


def _texts(reader: sitk.ImageSeriesReader, count: int, key: str) -> list[str]:
    """The value of ``key`` in each slice, empty where it is missing."""
    return [
        reader.GetMetaData(place, key) if reader.HasMetaDataKey(place, key) else ""
        for place in range(count)
    ]


def _check_pile(image: sitk.Image, reader: sitk.ImageSeriesReader, files: Sequence[Path]) -> None:
    folder, count = files[0].parent, len(files)
    positions = np.array([_numbers(text, 3) for text in _texts(reader, count, _POSITION)])
    missing = int(np.isnan(positions).any(axis=1).sum())
    if missing:
        raise InvalidImageError(
            f"the DICOM series in {folder} does not say where {missing} of its {count} slices lie "
            "(ImagePositionPatient); convert it to NIfTI with the right spacing first"
        )
    cosines = np.array([_numbers(text, 6) for text in _texts(reader, count, _ORIENTATION)])
    if (np.abs(cosines - cosines[0]) > _TURNED).any():
        raise InvalidImageError(
            f"the DICOM series in {folder} has slices in different directions (a localizer, or "
            "several scans in one series); keep the files of one direction"
        )
    sides = np.array([_numbers(text, 2) for text in _texts(reader, count, _PIXEL_SPACING)])
    if (np.abs(sides / sides[0] - 1) > _RESIZED).any():
        raise InvalidImageError(
            f"the DICOM series in {folder} has slices with pixels of different sizes "
            "(PixelSpacing); remove those that do not belong to it"
        )
    repeated = count - len(np.unique(positions.round(4), axis=0))
    if repeated:
        raise InvalidImageError(
            f"the DICOM series in {folder} has {repeated} of {count} slices at a place where "
            "another one is; it holds several volumes (4D), so keep the files of one"
        )
    _check_steps(positions, np.array(image.GetDirection()).reshape(3, 3)[:, 2], folder)


def _check_steps(positions: NDArray[np.float64], normal: NDArray[np.float64], folder: Path) -> None:
    count = len(positions)
    spacing = float(np.linalg.norm(positions[-1] - positions[0])) / (count - 1)
    expected = positions[0] + spacing * np.arange(count)[:, None] * normal
    off = np.linalg.norm(positions - expected, axis=1)
    if off.max() > _PLACE_TOLERANCE * spacing:
        raise InvalidImageError(
            f"the DICOM series in {folder} is no even pile of slices: slice {int(off.argmax())} "
            f"lies {off.max():.3g} mm from its place (a slice is missing or the gantry was "
            "tilted); complete it or resample it first"
        )


def _numbers(text: str, count: int) -> list[float]:
    try:
        numbers = [float(part) for part in text.split("\\")]
    except ValueError:
        return [math.nan] * count
    return numbers if len(numbers) == count else [math.nan] * count
