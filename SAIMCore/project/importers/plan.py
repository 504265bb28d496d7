"""What is to be imported into a new project, before anything is read or written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource

__all__ = ["Collection", "ImportPlan", "PlannedSeries"]


@dataclass(frozen=True)
class PlannedSeries:
    """A series, its labels where there are any, and the status that it is to get.

    The labels of an "unannotated" series are remembered as its reference labels only. reason: why
    it has its status (why it is excluded, say).
    """

    source: SeriesSource
    labels: Path | None = None
    status: str = "unannotated"
    reason: str | None = None

    @property
    def name(self) -> str:
        return self.source.name


@dataclass(frozen=True)
class Collection:
    """Series as they were found, with the classes if the data set names them.

    notes: sentences about what was left out.
    """

    series: tuple[PlannedSeries, ...]
    classes: ClassTable | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportPlan:
    """The series of a new project with their statuses, and its classes.

    notes: sentences for the user about choices that were made. problems: sentences about what
    forbids the import (``preflight`` adds those that only reading the files can find).
    """

    classes: ClassTable
    series: tuple[PlannedSeries, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
