"""Which labelmaps in a folder belong to which series.

One file per series, named like its image, with a value for each class, which a names file in the
folder names (``label_names``); this is how nnU-Net and most tools write. Or, where no such file
is there, one folder per series, named like its image, with one binary file per class, as
TotalSegmentator writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.classes import BACKGROUND, ClassTable
from SAIMCore.data.formats import detached_files, image_suffix, name_without_suffix
from SAIMCore.data.label_names import names_file, read_label_names
from SAIMCore.data.sources import FIRST_CHANNEL
from SAIMCore.errors import ClassTableError, InvalidLabelmapError

__all__ = ["LabelmapFiles", "find_labelmaps"]


@dataclass(frozen=True)
class LabelmapFiles:
    """What was found: by the name of a series, its file of values or its binary files by class.

    names: the file that names the values; None where each class has its own files.
    """

    folder: Path
    classes: ClassTable
    names: Path | None
    files: Mapping[str, Path | Mapping[str, Path]]

    def of(self, series: str) -> Path | Mapping[str, Path] | None:
        """What belongs to ``series``, or None."""
        return self.files.get(series) or self.files.get(series.removesuffix(FIRST_CHANNEL))

    @property
    def all_files(self) -> list[Path]:
        """Everything that is read, in order."""
        found = [] if self.names is None else [self.names]
        for entry in self.files.values():
            for path in [entry] if isinstance(entry, Path) else entry.values():
                found += [path, *detached_files(path)]
        return found


def find_labelmaps(folder: Path) -> LabelmapFiles:
    """The labelmaps in ``folder`` and below it.

    Raises InvalidLabelmapError when there are none, two belong to one series, or files of values
    have no names; ConfigurationError when the names cannot be read.
    """
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if image_suffix(path) is not None
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    if not paths:
        raise InvalidLabelmapError(f"no labelmaps found in {folder}; check the path")
    names = names_file(folder)
    if names is not None:
        return LabelmapFiles(folder, read_label_names(names), names, _by_series(folder, paths))
    loose = [path for path in paths if path.parent == folder]
    if loose:
        raise InvalidLabelmapError(
            f"the labelmap {loose[0]} has values without names; put dataset.json beside it, or a "
            "file labels.toml with a section [labels] and lines like liver = 5"
        )
    files = _by_class(folder, paths)
    return LabelmapFiles(folder, _classes_of(folder, files), None, files)


def _joined(folder: Path, parts: tuple[str, ...]) -> str:
    """The name that a series has whose path is so, as ``find_series`` gives it."""
    return "_".join(parts) or folder.name


def _by_series(folder: Path, paths: list[Path]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in paths:
        below = path.relative_to(folder).parts[:-1]
        name = _joined(folder, (*below, name_without_suffix(path)))
        if name in files:
            raise InvalidLabelmapError(
                f"the labelmaps {files[name]} and {path} belong to the same series {name!r}; "
                "remove one"
            )
        files[name] = path
    return files


def _by_class(folder: Path, paths: list[Path]) -> dict[str, dict[str, Path]]:
    files: dict[str, dict[str, Path]] = {}
    for path in paths:
        series = _joined(folder, path.relative_to(folder).parts[:-1])
        found = files.setdefault(series, {})
        name = name_without_suffix(path)
        if name in found:
            raise InvalidLabelmapError(
                f"{found[name]} and {path} are both the class {name!r} of the series {series!r}; "
                "remove one"
            )
        found[name] = path
    return files


def _classes_of(folder: Path, files: Mapping[str, Mapping[str, Path]]) -> ClassTable:
    names = sorted({name for found in files.values() for name in found} - {BACKGROUND})
    try:
        return ClassTable.from_names([BACKGROUND, *names])
    except ClassTableError as error:
        raise InvalidLabelmapError(
            f"the files in the folders of {folder} make no class table ({error}); give one folder "
            "per series with one file per class"
        ) from error
