"""Finding DICOM series: which files of a folder make one, and whether all of them are there."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import SimpleITK as sitk

from SAIMCore.data.dicom_damage import NO_IMAGE, DamagedFile, damaged_files, is_localizer
from SAIMCore.data.dicom_header import dicom_fields
from SAIMCore.errors import ProjectError

__all__ = ["DicomSeries", "find_dicom_series", "read_header"]

# ITK reports on the terminal what the errors say in a sentence.
sitk.ProcessObject.SetGlobalWarningDisplay(False)

_MODALITY, _PATIENT = "0008|0060", "0010|0020"
_IMAGE_TYPE, _DESCRIPTION, _SERIES_NUMBER = "0008|0008", "0008|103e", "0020|0011"


@dataclass(frozen=True)
class DicomSeries:
    """The files of one series in one folder, in the order of the slices.

    localizer: a scout image, by which a scan was planned. problem: a sentence that says why the
    series cannot be used (files that cannot be read), or None.
    """

    uid: str
    files: tuple[Path, ...]
    patient: str | None = None
    description: str = ""
    number: str = ""
    localizer: bool = False
    problem: str | None = None


def find_dicom_series(folder: Path) -> list[DicomSeries]:
    """The DICOM image series whose files lie directly in ``folder``.

    GDCM leaves out every file that it cannot read. Those of images are counted here: to the series
    that they name, to a series of their own when nothing else is left of it, and to all series of
    the folder when they do not even name one.

    Raises ProjectError when a file makes GDCM give up the folder.
    """
    readable: list[Path] = []
    found = []
    for uid, files in _listed(folder):
        readable += files
        series = _series(uid, files)
        if series is not None:
            found.append(series)
    return _with_damage(found, damaged_files(folder, readable), folder)


def _listed(folder: Path) -> list[tuple[str, tuple[Path, ...]]]:
    """UID and files of all series that GDCM finds in ``folder``, images or not."""
    series = sitk.ImageSeriesReader
    try:
        return [
            (uid, tuple(Path(name) for name in series.GetGDCMSeriesFileNames(str(folder), uid)))
            for uid in series.GetGDCMSeriesIDs(str(folder))
        ]
    except RuntimeError as error:
        suspects = [
            path.name
            for path in sorted(folder.iterdir())
            if path.is_file() and dicom_fields(path) is not None and read_header(path) is None
        ]
        raise ProjectError(
            f"the DICOM files in {folder} cannot be listed; remove those that are no images or "
            f"are damaged (suspect: {', '.join(suspects[:5]) or 'none'})"
        ) from error


def read_header(file: Path) -> sitk.ImageFileReader | None:
    """Reader that has read the header of ``file``, or None when that is not a DICOM image."""
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(os.fspath(file))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return None
    return reader


def _series(uid: str, files: tuple[Path, ...]) -> DicomSeries | None:
    """The series of these files, or None when they are objects that are no images."""
    header = read_header(files[0])
    if header is None:
        return DicomSeries(uid, files, problem=_sentence(files[:1], files[0].parent))
    if _text(header, _MODALITY) in NO_IMAGE:
        return None
    last = read_header(files[-1])
    # Scouts may lie in the series that was planned by them: then it is no localizer.
    types = [_text(each, _IMAGE_TYPE) for each in (header, last) if each is not None]
    return DicomSeries(
        uid,
        files,
        _text(header, _PATIENT) or None,
        _text(header, _DESCRIPTION),
        _text(header, _SERIES_NUMBER),
        localizer=is_localizer(types),
    )


def _with_damage(
    series: Sequence[DicomSeries], damaged: Sequence[DamagedFile], folder: Path
) -> list[DicomSeries]:
    """``series`` with a problem each where a damaged file belongs to it or may belong to it."""
    named: dict[str, list[DamagedFile]] = defaultdict(list)
    for file in damaged:
        named[file.series].append(file)
    nameless = [file.path for file in named.pop("", [])]
    known = {entry.uid for entry in series}
    lost = [
        DicomSeries(uid, tuple(file.path for file in files), files[0].patient or None)
        for uid, files in named.items()
        if uid not in known
    ]
    if nameless and all(entry.localizer for entry in (*series, *lost)):
        lost.append(DicomSeries("", tuple(nameless)))
    result = []
    for entry in (*series, *lost):
        bad = [] if entry.localizer else [file.path for file in named[entry.uid]] + nameless
        result.append(replace(entry, problem=_sentence(bad, folder)) if bad else entry)
    return result


def _sentence(files: Sequence[Path], folder: Path) -> str:
    first = f"{files[0]} ({files[0].stat().st_size} bytes)"
    if len(files) == 1:
        return (
            f"the DICOM file {first} cannot be read (truncated or damaged), so a series in "
            f"{folder} is not complete; copy it again or remove it"
        )
    return (
        f"{len(files)} DICOM files, such as {first}, cannot be read (truncated or damaged), so a "
        f"series in {folder} is not complete; copy them again or remove them"
    )


def _text(header: sitk.ImageFileReader, key: str) -> str:
    return header.GetMetaData(key).strip() if header.HasMetaDataKey(key) else ""
