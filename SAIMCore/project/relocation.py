"""Images that have moved: the same files under another folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.project.checksums import check_unchanged, image_checksum
from SAIMCore.project.importers.preflight import Problem, Progress, raise_problems
from SAIMCore.project.records import SeriesRecord

__all__ = ["MovedSeries", "find_moved"]


@dataclass(frozen=True)
class MovedSeries:
    """Where the image and the reference labels of a series are now."""

    source: SeriesSource
    reference: Path | None


def find_moved(
    records: Sequence[SeriesRecord], old: Path, new: Path, classes: ClassTable, progress: Progress
) -> list[MovedSeries]:
    """The series of ``records`` that lie in ``old``, as they are found in ``new`` instead.

    Every image and labelmap is read. Raises ProjectError when no series lies in ``old``, and
    whatever is wrong with the files: missing, damaged, on another grid or with other content than
    before.
    """
    old, new = old.absolute(), new.absolute()
    pairs = [(record, _moved(record, old, new)) for record in records]
    changed = [(record, moved) for record, moved in pairs if _differs(record, moved)]
    if not changed:
        raise ProjectError(f"no series of the project lies in {old}{_example(records)}")
    problems = []
    for done, (record, moved) in enumerate(changed):
        progress(done, len(changed), record.name)
        try:
            _check(record, moved, classes)
        except SaimError as error:
            problems.append(Problem(record.name, error))
    raise_problems(problems, "nothing was changed")
    return [moved for _, moved in changed]


def _moved(record: SeriesRecord, old: Path, new: Path) -> MovedSeries:
    source = replace(
        record.source,
        path=_in_new(record.source.path, old, new),
        files=tuple(_in_new(file, old, new) for file in record.source.files),
    )
    reference = None if record.reference is None else _in_new(record.reference, old, new)
    return MovedSeries(source, reference)


def _in_new(path: Path, old: Path, new: Path) -> Path:
    return new / path.relative_to(old) if path.is_relative_to(old) else path


def _differs(record: SeriesRecord, moved: MovedSeries) -> bool:
    return (moved.source, moved.reference) != (record.source, record.reference)


def _check(record: SeriesRecord, moved: MovedSeries, classes: ClassTable) -> None:
    if moved.source != record.source:
        _require(moved.source.files)
        difference = read_series(moved.source).geometry.difference(record.geometry)
        if difference:
            raise ProjectError(
                f"{moved.source.path} is not the image of series {record.name!r}: {difference}; "
                "give the folder where the same files are now"
            )
        check_unchanged(replace(record, source=moved.source), image_checksum(moved.source))
    if moved.reference is not None and moved.reference != record.reference:
        read_labelmap(moved.reference, record.geometry, classes)


def _require(files: Iterable[Path]) -> None:
    for file in files:
        if not file.is_file():
            raise ProjectError(f"{file} does not exist; give the folder where it is now")


def _example(records: Sequence[SeriesRecord]) -> str:
    return f"; {records[0].name!r} is in {records[0].source.path.parent}" if records else ""
