"""Reading everything that is to be imported, to find all problems before anything is created."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.records import LABELED_STATUSES, STATUSES

__all__ = ["PreflightReport", "Problem", "Progress", "preflight", "silent"]

# Called with the number of series done, of all series, and the name of the next one.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Problem:
    """What forbids an import: the ``error`` and the series that it is about, if it is one."""

    series: str | None
    error: SaimError

    def __str__(self) -> str:
        return str(self.error)


@dataclass(frozen=True)
class PreflightReport:
    """All problems, and the grids of the images that could be read (by series name)."""

    problems: tuple[Problem, ...]
    geometries: dict[str, Geometry]

    def raise_problems(self) -> None:
        """Raise the problem if there is one, or a ProjectError that lists all of them."""
        if len(self.problems) == 1:
            raise self.problems[0].error
        if self.problems:
            listed = "\n".join(f"- {problem}" for problem in self.problems)
            raise ProjectError(
                f"{len(self.problems)} problems, so nothing was imported; correct them:\n{listed}"
            )


def silent(done: int, total: int, name: str) -> None:
    """Tell nobody about the progress."""


def preflight(plan: ImportPlan, progress: Progress = silent) -> PreflightReport:
    """Read every image and labelmap of ``plan`` once and collect what is wrong, series by series.

    Nothing is written. Memory holds one series at a time.
    """
    problems = [Problem(None, ProjectError(sentence)) for sentence in plan.problems]
    geometries: dict[str, Geometry] = {}
    contents: dict[bytes, Path] = {}
    for done, planned in enumerate(plan.series):
        progress(done, len(plan.series), planned.name)
        try:
            geometries[planned.name] = _examine(planned, plan.classes, contents)
        except SaimError as error:
            problems.append(Problem(planned.name, error))
    return PreflightReport(tuple(problems), geometries)


def _examine(planned: PlannedSeries, classes: ClassTable, contents: dict[bytes, Path]) -> Geometry:
    _check_name_and_status(planned)
    volume = read_series(planned.source)
    # Compared by voxels: the same image, compressed or named differently, is still the same.
    digest = hashlib.blake2b(volume.array.tobytes(), digest_size=16)
    digest.update(repr(volume.geometry).encode())
    other = contents.setdefault(digest.digest(), planned.source.path)
    if other is not planned.source.path:
        raise ProjectError(
            f"duplicate series: {other} and {planned.source.path} are the same image; remove one"
        )
    if planned.labels is not None:
        read_labelmap(planned.labels, volume.geometry, classes)
    return volume.geometry


def _check_name_and_status(planned: PlannedSeries) -> None:
    name = planned.name
    if not name or name.startswith(".") or any(sign in name for sign in '/\\:*?"<>|\0'):
        raise ProjectError(
            f"the series name {name!r} cannot be a file name; rename {planned.source.path}"
        )
    if planned.status not in STATUSES:
        raise ProjectError(
            f"series {name!r} has the unknown status {planned.status!r}; choose one of "
            f"{', '.join(STATUSES)}"
        )
    if planned.status in LABELED_STATUSES and planned.labels is None:
        raise ProjectError(
            f"series {name!r} is to become {planned.status!r} but has no labels; add its labelmap"
        )
