"""DICOM files that GDCM passes over in silence: those cut off in a copy, not those of no image."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.data.dicom_header import DICOM_PREAMBLE, dicom_fields

__all__ = ["NO_IMAGE", "DamagedFile", "damaged_files", "is_localizer"]

_CLASS, _STORED_CLASS = "0002|0002", "0008|0016"
_IMAGE_TYPE, _MODALITY, _SERIES, _PATIENT = "0008|0008", "0008|0060", "0020|000e", "0010|0020"
# Modalities of objects that refer to a series (segmentations, structures, reports, ...).
NO_IMAGE = (
    "SEG", "RTSTRUCT", "RTDOSE", "RTPLAN", "RTRECORD", "SR", "PR", "KO", "REG", "FID", "RWV",
    "DOC", "PLAN",
)  # fmt: skip
# The standard's classes of images (PS3.4, annex B.5); 4.2 is spectroscopy, private classes are
# raw data of their vendors.
_IMAGE_CLASS = re.compile(
    r"1\.2\.840\.10008\.5\.1\.4\.1\.1\."
    r"(?!4\.2$)(1|2|3|4|5|6|7|12|13|14|20|77|128|130|481\.1|501)(\.\d+)*"
)
_SUFFIXES = (".dcm", ".ima")


@dataclass(frozen=True)
class DamagedFile:
    """A file of an image that cannot be read; the UID of its series where it still tells it."""

    path: Path
    series: str
    patient: str


def damaged_files(folder: Path, readable: Collection[Path]) -> list[DamagedFile]:
    """The files directly in ``folder`` that are DICOM images and not among the ``readable`` ones.

    A file counts as DICOM when it says so, is called ``.dcm`` or ``.ima``, or is empty or zeros
    only and has a name like those that are readable. Raises PermissionError for a closed file.
    """
    known = {path.name for path in readable}
    patterns = {_pattern(path.name) for path in readable}
    found = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name in known or entry.name.startswith(".") or not entry.is_file():
            continue
        path = folder / entry.name
        fields = dicom_fields(path)
        if fields is not None:
            if not _holds_images(fields) or is_localizer([fields.get(_IMAGE_TYPE, "")]):
                continue
        elif not entry.name.lower().endswith(_SUFFIXES) and not (
            _pattern(entry.name) in patterns and _is_blank(path)
        ):
            continue
        told = fields or {}
        found.append(DamagedFile(path, told.get(_SERIES, ""), told.get(_PATIENT, "")))
    return found


def _holds_images(fields: dict[str, str]) -> bool:
    """Whether a file with these fields is an image; one that does not say counts as one."""
    stored = fields.get(_CLASS) or fields.get(_STORED_CLASS)
    if stored:
        return _IMAGE_CLASS.fullmatch(stored) is not None
    return fields.get(_MODALITY, "") not in NO_IMAGE


def is_localizer(image_types: Iterable[str]) -> bool:
    """Whether all these values of ImageType (0008,0008) are those of a localizer (scout)."""
    return all("LOCALIZER" in text.upper().split("\\") for text in image_types)


def _pattern(name: str) -> str:
    """What the names of files have in common that are numbered, also hexadecimally."""
    return re.sub(r"[0-9A-Fa-f]+", "#", name)


def _is_blank(path: Path) -> bool:
    """Whether nothing is left of the file but the beginning of a preamble."""
    if path.stat().st_size >= DICOM_PREAMBLE:
        return False
    return not path.read_bytes().strip(b"\0")
