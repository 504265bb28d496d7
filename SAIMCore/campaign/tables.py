"""Queue, learning curve, effort and plans as tables, for the screen and for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.campaign.effort import AnnotationEffort
from SAIMCore.campaign.learning_curve import CurvePoint
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.time_plan import TimePlan
from SAIMCore.data.atomic import atomic_path

__all__ = [
    "Cell",
    "Table",
    "cell_text",
    "count_clicks",
    "csv_bytes",
    "curve_table",
    "effort_table",
    "plan_table",
    "queue_table",
    "write_csv",
]

Cell = str | int | float | bool | None

# UTF-8 that says so. Excel takes a file without these bytes for one of the system's old code page,
# and the names of patients and annotators come out garbled; pandas and R's readr skip the bytes.
ENCODING = "utf-8-sig"

CURVE_HEADERS = (
    "model", "round", "training series", "published (UTC)", "measured on", "comparable",
)  # fmt: skip
EFFORT_HEADERS = (
    "series", "accepted (UTC)", "annotator", "slices", "minutes", "minutes per slice", "clicks",
    "model", "round", "entropy",
)  # fmt: skip
PLAN_HEADERS = (
    "session (UTC)", "order", "minutes", "series", "planned", "predicted minutes",
    "measured minutes", "accepted",
)  # fmt: skip
QUEUE_HEADERS = (
    "rank", "series", "patient", "status", "reason", "pinned", "skipped", "slices", "score",
    "model", "stale", "predicted minutes", "annotator", "minutes spent", "clicks", "within budget",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """``rows`` of cells under ``headers``; a cell is None where there is no value."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def curve_table(points: Sequence[CurvePoint]) -> Table:
    """A row per model: mIoU and the IoU of every class (0 to 1) after each number of clicks."""
    clicks = sorted({count for point in points for count in point.mean_iou})
    classes = list(dict.fromkeys(name for point in points for name in point.classes))
    measured = [(name, count) for name in (None, *classes) for count in clicks]
    headers = tuple(
        f"{'mIoU' if name is None else f'IoU of {name}'} after {count_clicks(count)}"
        for name, count in measured
    )
    return Table(
        CURVE_HEADERS + headers,
        tuple(
            (
                point.version,
                point.round,
                point.series,
                point.published,
                point.split,
                point.comparable,
                *(point.value(name, count) for name, count in measured),
            )
            for point in points
        ),
    )


def effort_table(efforts: Iterable[AnnotationEffort]) -> Table:
    """A row per accepted annotation."""
    return Table(
        EFFORT_HEADERS,
        tuple(
            (
                effort.series,
                effort.accepted,
                effort.annotator,
                effort.slices,
                effort.minutes,
                effort.minutes_per_slice,
                effort.clicks,
                effort.model_version,
                effort.round,
                effort.score,
            )
            for effort in efforts
        ),
    )


def queue_table(rows: Iterable[QueueRow]) -> Table:
    """A row per series."""
    return Table(
        QUEUE_HEADERS,
        tuple(
            (
                row.rank,
                row.name,
                row.patient,
                row.status,
                row.reason,
                row.pinned,
                row.skipped,
                row.slices,
                row.score,
                row.model_version,
                row.stale,
                row.predicted_minutes,
                row.annotator,
                row.minutes_spent,
                row.clicks,
                row.within_budget,
            )
            for row in rows
        ),
    )


def plan_table(plans: Iterable[TimePlan]) -> Table:
    """A row for each series of each session, of those that the plan did not ask for as well."""
    return Table(
        PLAN_HEADERS,
        tuple(
            (
                plan.began,
                plan.order,
                plan.minutes,
                entry.series,
                entry.planned,
                entry.predicted,
                entry.measured,
                entry.accepted,
            )
            for plan in plans
            for entry in plan.series
        ),
    )


def write_csv(path: Path, table: Table) -> None:
    """Write ``table`` to ``path``, atomically, so that spreadsheets and programs read it.

    Numbers have a decimal point and 6 digits, truths are yes and no. Raises ProjectError like
    ``atomic_path``.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(csv_bytes(table))


def csv_bytes(table: Table) -> bytes:
    """``table`` as ``write_csv`` writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.headers)
    writer.writerows([cell_text(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode(ENCODING)


def cell_text(cell: Cell, digits: int = 6) -> str:
    """``cell`` as text, numbers with so many significant digits."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.{digits}g}" if isinstance(cell, float) else str(cell)


def count_clicks(count: int) -> str:
    """So many clicks, in words."""
    return f"{count} click{'' if count == 1 else 's'}"
