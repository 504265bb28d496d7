"""Finding the series in a folder: single image files and DICOM series, in any mixture."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from SAIMCore.data.formats import IMAGE_SUFFIXES, detached_files, image_suffix, name_without_suffix
from SAIMCore.errors import ProjectError

__all__ = ["SeriesSource", "find_series"]

_CHANNEL = "_0000"  # nnU-Net: the first (here: only) channel of a case
_SAMPLE = 1 << 16
_CHUNK = 1 << 20
_OTHER_SUFFIXES = (".json", ".txt", ".csv", ".tsv", ".md", ".raw", ".zraw", ".raw.gz", ".png")


@dataclass(frozen=True)
class SeriesSource:
    """Where one series is.

    ``name`` is unique in its project and fit for a file name. ``path`` is the image file or the
    folder of a DICOM series, ``files`` everything that is read, in order: for a DICOM series its
    files, otherwise the image file and the file of its voxels if that is separate.
    """

    name: str
    path: Path
    files: tuple[Path, ...]
    patient: str | None = None

    @property
    def is_dicom(self) -> bool:
        return self.path not in self.files


def find_series(folder: str | os.PathLike[str]) -> list[SeriesSource]:
    """The series in ``folder`` and below it, sorted by name; an image file is taken as itself.

    Names come from the path below ``folder``, with "_" between its parts; where a folder holds
    several DICOM series, the series description is added. The channel suffix of nnU-Net
    (``_0000``) is dropped when all images have it. Hidden files and folders are passed over, as
    are DICOM objects that are no images. Nothing is decoded, so a damaged image is found too.

    Raises ProjectError when there is no series, two would get the same name, or two are the same
    image (equal bytes, or one DICOM series twice).
    """
    root = Path(folder)
    if not root.exists():
        raise ProjectError(f"the folder of images {root} does not exist; check the path")
    try:
        found = _without_channel(_all_in(root))
        if not found:
            raise ProjectError(
                f"no series found in {root}; give {', '.join(IMAGE_SUFFIXES)} files or DICOM series"
            )
        found.sort(key=lambda source: source.name)
        _refuse_same_name(found)
        _refuse_same_content(found)
    except PermissionError as error:
        raise ProjectError(f"{error.filename} may not be read; change its permissions") from error
    return found


def _all_in(root: Path) -> list[SeriesSource]:
    if root.is_file():
        return [_from_file(root, name_without_suffix(root))] if image_suffix(root) else []
    uids: dict[str, Path] = {}
    return [source for folder in _folders(root) for source in _in(root, folder, uids)]


def _folders(root: Path) -> Iterator[Path]:
    seen = set()
    for folder, subfolders, _ in os.walk(root, followlinks=True):
        # Links may lead in a circle.
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield Path(folder)


def _in(root: Path, folder: Path, uids: dict[str, Path]) -> list[SeriesSource]:
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
        found += _dicom_in(folder, "_".join(below) or folder.resolve().name, uids)
    return found


def _from_file(path: Path, name: str) -> SeriesSource:
    return SeriesSource(name, path, (path, *detached_files(path)))


def _dicom_in(folder: Path, name: str, uids: dict[str, Path]) -> list[SeriesSource]:
    """The DICOM series in ``folder``; ``uids`` says where each one so far was found."""
    from SAIMCore.data.dicom import find_dicom_series

    series = find_dicom_series(folder)
    described = Counter(entry.description for entry in series)
    found = []
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
        found.append(SeriesSource(_fit("_".join(parts)), folder, entry.files, entry.patient))
    return _distinct(found, [entry.uid for entry in series])


def _fit(name: str) -> str:
    """``name`` as a file name can hold it: whatever is no letter, digit or sign becomes "_"."""
    return re.sub(r"[^\w.+-]+", "_", name).strip("_")


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
    if not all(source.name.endswith(_CHANNEL) for source in sources):
        return sources
    return [replace(source, name=source.name.removesuffix(_CHANNEL)) for source in sources]


def _refuse_same_name(sources: Iterable[SeriesSource]) -> None:
    # Without regard to case: a project must also work where the file system has none.
    seen: dict[str, SeriesSource] = {}
    for source in sources:
        other = seen.setdefault(source.name.casefold(), source)
        if other is not source:
            raise ProjectError(
                f"duplicate series {source.name!r}: {other.path} and {source.path} get the same "
                "name; rename or remove one"
            )


def _refuse_same_content(sources: Sequence[SeriesSource]) -> None:
    """Compare sizes first, then a sample, and all bytes only where these agree."""
    groups: list[list[SeriesSource]] = [list(sources)]
    for trait in (_size, _sample, _digest):
        split = []
        for group in groups:
            alike: dict[object, list[SeriesSource]] = defaultdict(list)
            for source in group:
                # The voxels: the last file is where they are when a header is separate.
                alike[trait(source.files[-1])].append(source)
            split += [members for members in alike.values() if len(members) > 1]
        groups = split
    if groups:
        first, second = groups[0][:2]
        raise ProjectError(
            f"duplicate series: {first.path} and {second.path} are the same image; remove one"
        )


def _size(path: Path) -> int:
    return path.stat().st_size


def _sample(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
        file.seek(-min(_SAMPLE, _size(path)), os.SEEK_END)
        return start, file.read()


def _digest(path: Path) -> bytes:
    digest = hashlib.blake2b()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()
