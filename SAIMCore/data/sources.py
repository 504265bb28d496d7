"""Finding the series in a folder: single image files and DICOM series, in any mixture."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from SAIMCore.data.duplicates import refuse_duplicates
from SAIMCore.data.file_names import fitting_name
from SAIMCore.data.formats import IMAGE_SUFFIXES, detached_files, image_suffix, name_without_suffix
from SAIMCore.errors import ProjectError

__all__ = ["FIRST_CHANNEL", "SeriesSource", "find_series"]

# nnU-Net: the first (here: only) channel of a case.
FIRST_CHANNEL = "_0000"
_LISTED = 5
_OTHER_SUFFIXES = (".json", ".txt", ".csv", ".tsv", ".md", ".raw", ".zraw", ".raw.gz", ".png")


@dataclass(frozen=True)
class SeriesSource:
    """Where one series is.

    ``name`` is unique in its project and fit for a file name. ``path`` is the image file or the
    folder of a DICOM series, ``files`` everything that is read, in order: for a DICOM series its
    files, otherwise the image file and the file of its voxels if that is separate. ``problem``: why
    it cannot be read, where that shows when it is found (``read_series`` raises it).
    """

    name: str
    path: Path
    files: tuple[Path, ...]
    patient: str | None = None
    problem: str | None = None

    @property
    def is_dicom(self) -> bool:
        return self.path not in self.files


def _tell_nobody(sentence: str) -> None:
    """Drop a sentence about what was passed over."""


def find_series(
    folder: str | os.PathLike[str],
    without: Path | None = None,
    note: Callable[[str], None] = _tell_nobody,
) -> list[SeriesSource]:
    """The series in ``folder`` and below it, sorted by name; an image file is taken as itself.

    without: a folder that is passed over. note: is told in a sentence which DICOM localizers
    (scout images) were passed over.

    Names come from the path below ``folder``, with "_" between its parts; where a folder holds
    several DICOM series, the series description is added. The channel suffix of nnU-Net
    (``_0000``) is dropped when all images have it. Hidden files and folders are passed over, as
    are DICOM objects that are no images. A damaged image is found too: single files are not
    decoded, and a DICOM series with files that cannot be read has a ``problem``.

    Raises ProjectError when there is no series, two would get the same name, or two are the same
    image (equal bytes, or one DICOM series twice).
    """
    root = Path(folder)
    if not root.exists():
        raise ProjectError(f"the folder of images {root} does not exist; check the path")
    try:
        localizers: list[str] = []
        found = _without_channel(_all_in(root, without, localizers))
        if not found:
            besides = " besides localizers" if localizers else ""
            raise ProjectError(
                f"no series found in {root}{besides}; give {', '.join(IMAGE_SUFFIXES)} files or "
                "DICOM series"
            )
        found.sort(key=lambda source: source.name)
        refuse_duplicates(found)
    except PermissionError as error:
        raise ProjectError(f"{error.filename} may not be read; change its permissions") from error
    if localizers:
        note(_localizer_note(localizers))
    return found


def _localizer_note(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    return f"{len(names)} DICOM localizers (scout images) were left out: {listed}"


def _all_in(root: Path, without: Path | None, localizers: list[str]) -> list[SeriesSource]:
    """The series below ``root``; names of localizers are added to ``localizers``."""
    if root.is_file():
        return [_from_file(root, name_without_suffix(root))] if image_suffix(root) else []
    uids: dict[str, Path] = {}
    return [
        source
        for folder in _folders(root, without)
        for source in _in(root, folder, uids, localizers)
    ]


def _folders(root: Path, without: Path | None) -> Iterator[Path]:
    seen = set() if without is None else {os.path.realpath(without)}
    for folder, subfolders, _ in os.walk(root, followlinks=True):
        # Links may lead in a circle.
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield Path(folder)


def _in(
    root: Path, folder: Path, uids: dict[str, Path], localizers: list[str]
) -> list[SeriesSource]:
    files = sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
    )
    below = folder.relative_to(root).parts
    found = [
        _from_file(path, "_".join((*below, name_without_suffix(path))))
        for path in files
        if image_suffix(path)
    ]
    known = (*IMAGE_SUFFIXES, *_OTHER_SUFFIXES)
    if any(not path.name.lower().endswith(known) for path in files):
        found += _dicom_in(folder, "_".join(below) or folder.resolve().name, uids, localizers)
    return found


def _from_file(path: Path, name: str) -> SeriesSource:
    return SeriesSource(name, path, (path, *detached_files(path)))


def _dicom_in(
    folder: Path, name: str, uids: dict[str, Path], localizers: list[str]
) -> list[SeriesSource]:
    """The DICOM series in ``folder``; ``uids`` says where each one so far was found."""
    from SAIMCore.data.dicom_series import find_dicom_series

    found = find_dicom_series(folder)
    localizers += [
        fitting_name(f"{name}_{entry.description}") for entry in found if entry.localizer
    ]
    series = [entry for entry in found if not entry.localizer]
    described = Counter(entry.description for entry in series)
    sources = []
    for entry in series:
        # Anonymized files may have no UID at all.
        if entry.uid and uids.setdefault(entry.uid, folder) != folder:
            raise ProjectError(
                f"duplicate series: parts of one DICOM series ({entry.uid}) lie in "
                f"{uids[entry.uid]} and in {folder}; put them together or remove the copy"
            )
        parts = [name]
        if len(series) > 1:
            parts.append(entry.description or f"series{entry.number}")
            if described[entry.description] > 1 and entry.description:
                parts.append(entry.number)
        full = fitting_name("_".join(parts))
        sources.append(SeriesSource(full, folder, entry.files, entry.patient, entry.problem))
    return _distinct(sources, [entry.uid for entry in series])


def _distinct(sources: Sequence[SeriesSource], uids: Sequence[str]) -> list[SeriesSource]:
    """Add some digits of the series UID where description and number do not tell series apart."""
    named = Counter(source.name for source in sources)
    return [
        replace(
            source, name=f"{source.name}_{hashlib.blake2b(uid.encode(), digest_size=4).hexdigest()}"
        )
        if named[source.name] > 1
        else source
        for source, uid in zip(sources, uids, strict=True)
    ]


def _without_channel(sources: list[SeriesSource]) -> list[SeriesSource]:
    if not all(source.name.endswith(FIRST_CHANNEL) for source in sources):
        return sources
    return [replace(source, name=source.name.removesuffix(FIRST_CHANNEL)) for source in sources]
