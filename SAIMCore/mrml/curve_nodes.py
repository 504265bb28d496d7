"""Curves over the rounds of a campaign as Slicer's own tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.data.atomic import atomic_path
from SAIMCore.errors import ProjectError
from SAIMCore.mrml.curve_picture import curve_picture

__all__ = ["CurveNodes"]

# Okabe and Ito's, apart for every kind of color vision; those that are pale on white come last.
COLORS = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (0, 0, 0),
    (230, 159, 0),
    (86, 180, 233),
)
_STYLES = slicer.vtkMRMLPlotSeriesNode
# Their number and that of the colors have no common divisor, so that 35 curves differ.
MARKERS = (
    _STYLES.MarkerStyleCircle,
    _STYLES.MarkerStyleSquare,
    _STYLES.MarkerStyleDiamond,
    _STYLES.MarkerStyleCross,
    _STYLES.MarkerStylePlus,
)
# Of the axes, as a share of what they show.
MARGIN = 0.04


class CurveNodes:
    """A table ``name``, a chart and its plot series in ``scene``, the same ones at every ``show``.

    Users find them in Slicer's lists, but they are not saved with the scene: what they show belongs
    to the project. What a user deletes of them is made again.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, name: str) -> None:
        self._scene = scene
        self._name = name
        self._table: slicer.vtkMRMLTableNode | None = None
        self._chart: slicer.vtkMRMLPlotChartNode | None = None
        self._series: list[slicer.vtkMRMLPlotSeriesNode] = []
        self._again: Callable[[], None] | None = None

    @property
    def chart(self) -> slicer.vtkMRMLPlotChartNode:
        """What a plot view can show, empty before the first ``show``."""
        self._chart = self._there(self._chart, "vtkMRMLPlotChartNode", self._name)
        return self._chart

    @property
    def table(self) -> slicer.vtkMRMLTableNode:
        """What a table view can show, empty before the first ``show``."""
        self._table = self._there(self._table, "vtkMRMLTableNode", f"{self._name} table")
        return self._table

    def show(
        self,
        title: str,
        x_label: str,
        y_label: str,
        x: Sequence[float],
        columns: Mapping[str, Sequence[float | None]],
    ) -> None:
        """Show a curve for each of ``columns``, over ``x``, instead of what was shown before.

        Each has one value for each of ``x``; None is a value that is missing, which leaves a gap.
        """
        self._again = partial(self.show, title, x_label, y_label, x, columns)
        places = _numbers(x)
        # Columns of a table are found by their names.
        x_name = x_label
        while x_name in columns:
            x_name += " (x)"
        values = {name: _numbers(column, len(x)) for name, column in columns.items()}
        drawn = {name: found for name, found in values.items() if np.isfinite(found).any()}
        with slicer.util.NodeModify(self.table), slicer.util.NodeModify(self.chart):
            slicer.util.updateTableFromArray(
                self.table, [places, *values.values()], [x_name, *values]
            )
            self._draw(list(drawn), x_name)
            self.chart.SetTitle(title)
            self.chart.SetXAxisTitle(x_label)
            self.chart.SetYAxisTitle(y_label)
            self.chart.SetLegendVisibility(len(drawn) > 1)
            self.chart.SetXAxisRangeAuto(not drawn)
            self.chart.SetYAxisRangeAuto(not drawn)
            if drawn:
                self.chart.SetXAxisRange(*_range(places))
                self.chart.SetYAxisRange(*_range(np.concatenate([*drawn.values()])))

    def write_png(self, path: Path, size: tuple[int, int] = (1200, 800)) -> None:
        """Write the curves that are shown as a picture of ``size`` (width, height), atomically.

        Raises ProjectError when there are none yet, or the disk is full, read-only or closed to
        this user.
        """
        if self._again is not None:
            # The user may have deleted or changed what is in the scene.
            self._again()
        if not self._series:
            raise ProjectError(
                f"{self._name!r} has no values yet, so there is no picture of it; annotate and "
                "train first"
            )
        with atomic_path(path) as temporary:
            temporary.write_bytes(curve_picture(self.chart, size))

    def remove(self) -> None:
        """Take all of them out of the scene; fine when they are gone already."""
        for node in (self._chart, *self._series, self._table):
            if node is not None and self._scene.IsNodePresent(node):
                self._scene.RemoveNode(node)
        self._chart, self._table, self._series, self._again = None, None, [], None

    def _draw(self, names: Sequence[str], x_name: str) -> None:
        """Let the chart have a plot series for each column of ``names``."""
        for node in self._series[len(names) :]:
            if self._scene.IsNodePresent(node):
                self._scene.RemoveNode(node)
        present = [*self._series[: len(names)], *[None] * (len(names) - len(self._series))]
        self._series = [
            self._there(node, "vtkMRMLPlotSeriesNode", name)
            for node, name in zip(present, names, strict=True)
        ]
        self.chart.RemoveAllPlotSeriesNodeIDs()
        for number, (node, name) in enumerate(zip(self._series, names, strict=True)):
            # The legend shows the names of the nodes.
            node.SetName(name)
            node.SetAndObserveTableNodeID(self.table.GetID())
            node.SetXColumnName(x_name)
            node.SetYColumnName(name)
            node.SetPlotType(_STYLES.PlotTypeScatter)
            node.SetLineStyle(_STYLES.LineStyleSolid)
            node.SetMarkerStyle(MARKERS[number % len(MARKERS)])
            node.SetColor(*(part / 255 for part in COLORS[number % len(COLORS)]))
            self.chart.AddAndObservePlotSeriesNodeID(node.GetID())

    def _there(
        self, node: slicer.vtkMRMLNode | None, class_name: str, name: str
    ) -> slicer.vtkMRMLNode:
        """``node``, or a new one where it is not in the scene."""
        if node is not None and self._scene.IsNodePresent(node):
            return node
        made = self._scene.AddNewNodeByClass(class_name, name)
        made.SetSaveWithScene(False)
        return made


def _numbers(values: Sequence[float | None], count: int | None = None) -> NDArray[np.float64]:
    """``values`` with NaN for None; two rows at least, for VTK complains of a line of one point."""
    if count is not None and len(values) != count:
        raise ValueError(f"{len(values)} values for {count} places")
    missing = [None] * (len(values) == 1)
    return np.array([np.nan if value is None else value for value in (*values, *missing)], float)


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    """From the lowest to the highest value, with room for the points on the margins."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = MARGIN * (high - low) or 0.5
    return low - margin, high + margin
