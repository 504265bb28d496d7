"""Files that the page offers of a campaign: made when they are asked for, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import slicer

from SAIMCore.campaign.overview import Overview
from SAIMCore.campaign.plots import Plot
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.tables import (
    Table,
    csv_bytes,
    curve_table,
    effort_table,
    plan_table,
    queue_table,
)
from SAIMCore.mrml.curve_nodes import CurveNodes
from SAIMCore.mrml.curve_picture import curve_picture

__all__ = ["Download", "Downloads", "Progress"]

CSV, PNG = "text/csv", "image/png"
PICTURE_SIZE = (1200, 800)


@dataclass(frozen=True)
class Download:
    """A file's content, and what it is."""

    content: bytes
    kind: str


@dataclass(frozen=True)
class Progress:
    """What the files are made of, as it is when they are asked for."""

    rows: Callable[[], Sequence[QueueRow]]
    overview: Callable[[], Overview | None]
    curve: Callable[[], Plot | None]
    effort: Callable[[], Plot | None]


class Downloads:
    """The files by their names: queue, learning curve, effort and plans of ``progress``."""

    def __init__(self, progress: Progress) -> None:
        self._makers: dict[str, Callable[[], Download | None]] = {
            "queue.csv": lambda: _csv(queue_table(progress.rows())),
            "learning-curve.csv": lambda: _table(progress.overview(), _curve_table),
            "effort.csv": lambda: _table(progress.overview(), _effort_table),
            "plans.csv": lambda: _table(progress.overview(), _plan_table),
            "learning-curve.png": lambda: _picture(progress.curve()),
            "effort.png": lambda: _picture(progress.effort()),
        }

    def make(self, name: str) -> Download | None:
        """The file ``name``; None where there is no such file, or nothing to be in it yet."""
        maker = self._makers.get(name)
        return None if maker is None else maker()


def _csv(table: Table) -> Download:
    return Download(csv_bytes(table), CSV)


def _table(overview: Overview | None, table: Callable[[Overview], Table]) -> Download | None:
    return None if overview is None else _csv(table(overview))


def _curve_table(overview: Overview) -> Table:
    return curve_table(overview.curve)


def _effort_table(overview: Overview) -> Table:
    return effort_table(overview.efforts)


def _plan_table(overview: Overview) -> Table:
    return plan_table(overview.plans)


def _picture(plot: Plot | None) -> Download | None:
    """The curves as they are on the desktop, drawn in a scene of their own."""
    if plot is None or not any(value is not None for c in plot.columns.values() for value in c):
        return None
    nodes = CurveNodes(slicer.vtkMRMLScene(), plot.title)
    nodes.show(plot.title, plot.x_label, plot.y_label, plot.x, plot.columns)
    return Download(curve_picture(nodes.chart, PICTURE_SIZE), PNG)
