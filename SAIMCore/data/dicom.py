"""DICOM series: which files make one, in which order, and whether they make a volume."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAIMCore.errors import InvalidImageError

__all__ = ["DicomSeries", "find_dicom_series", "read_dicom"]

# ITK reports on the terminal what the errors here say in a sentence.
sitk.ProcessObject.SetGlobalWarningDisplay(False)

_MODALITY, _PATIENT, _DESCRIPTION = "0008|0060", "0010|0020", "0008|103e"
_SERIES_NUMBER, _POSITION = "0020|0011", "0020|0032"
# Objects that refer to a series (segmentations, structures, reports, ...) and are none.
_NO_IMAGE = ("SEG", "RTSTRUCT", "RTDOSE", "RTPLAN", "SR", "PR", "KO", "REG", "FID", "RWV", "DOC")
# Fraction of the slice spacing by which a slice may lie off the even grid.
_PLACE_TOLERANCE = 0.1


@dataclass(frozen=True)
class DicomSeries:
    """The files of one series in one folder, in the order of the slices."""

    uid: str
    files: tuple[Path, ...]
    patient: str | None
    description: str
    number: str


def find_dicom_series(folder: Path) -> list[DicomSeries]:
    """The DICOM image series whose files lie directly in ``folder``."""
    found = []
    for uid in sitk.ImageSeriesReader.GetGDCMSeriesIDs(os.fspath(folder)):
        names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(os.fspath(folder), uid)
        header = _header(names[0]) if names else None
        if header is None or _text(header, _MODALITY) in _NO_IMAGE:
            continue
        found.append(
            DicomSeries(
                uid,
                tuple(Path(name) for name in names),
                _text(header, _PATIENT) or None,
                _text(header, _DESCRIPTION),
                _text(header, _SERIES_NUMBER),
            )
        )
    return found


def read_dicom(files: Sequence[Path]) -> sitk.Image:
    """Read the files of one series as one image.

    Raises InvalidImageError when a file cannot be read, or the slices do not stand at even
    distances in a straight pile: missing or repeated slices, several volumes, a tilted gantry.
    """
    reader = sitk.ImageSeriesReader()
    reader.SetImageIO("GDCMImageIO")
    reader.MetaDataDictionaryArrayUpdateOn()
    reader.SetFileNames([os.fspath(file) for file in files])
    try:
        image: sitk.Image = reader.Execute()
    except RuntimeError as error:
        raise InvalidImageError(_unreadable(files)) from error
    if image.GetDimension() == 4 and image.GetSize()[3] == 1:
        # One file with many frames.
        volume: sitk.Image = image[:, :, :, 0]
        return volume
    if image.GetDimension() == 3 and len(files) > 1:
        positions = [
            reader.GetMetaData(place, _POSITION)
            for place in range(len(files))
            if reader.HasMetaDataKey(place, _POSITION)
        ]
        _check_pile(image, positions, files[0].parent)
    return image


def _unreadable(files: Sequence[Path]) -> str:
    sizes = {}
    for file in files:
        header = _header(os.fspath(file))
        if header is None:
            return f"the DICOM file {file} cannot be read; copy it again or remove it"
        sizes[header.GetSize()[:2]] = file
    if len(sizes) > 1:
        listed = " and ".join(f"{width} x {height}" for width, height in sizes)
        return (
            f"the DICOM series in {files[0].parent} has slices of {listed} pixels; "
            "remove those that do not belong to it"
        )
    return f"the DICOM series in {files[0].parent} has a damaged or truncated file; copy it again"


def _check_pile(image: sitk.Image, texts: Sequence[str], folder: Path) -> None:
    positions = np.array([_numbers(text) for text in texts], dtype=float).reshape(-1, 3)
    count = image.GetSize()[2]
    if len(positions) != count:
        return
    repeated = count - len(np.unique(positions.round(4), axis=0))
    if repeated:
        raise InvalidImageError(
            f"the DICOM series in {folder} has {repeated} of {count} slices at a place where "
            "another one is; it holds several volumes (4D), so keep the files of one"
        )
    normal = np.array(image.GetDirection()).reshape(3, 3)[:, 2]
    spacing = float(np.linalg.norm(positions[-1] - positions[0])) / (count - 1)
    expected = positions[0] + spacing * np.arange(count)[:, None] * normal
    off = np.linalg.norm(positions - expected, axis=1)
    if off.max() > _PLACE_TOLERANCE * spacing:
        raise InvalidImageError(
            f"the DICOM series in {folder} is no even pile of slices: slice {int(off.argmax())} "
            f"lies {off.max():.3g} mm from its place (a slice is missing or the gantry was "
            "tilted); complete it or resample it first"
        )


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split("\\")]
    except ValueError:
        return [math.nan] * 3
    return numbers if len(numbers) == 3 else [math.nan] * 3


def _header(name: str) -> sitk.ImageFileReader | None:
    """Reader that has read the header of ``name``, or None when that is not a DICOM image."""
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(name)
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return None
    return reader


def _text(header: sitk.ImageFileReader, key: str) -> str:
    return header.GetMetaData(key).strip() if header.HasMetaDataKey(key) else ""
