"""What the user clicked on a slice, drawn on that slice: dots for clicks, lines for strokes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.interactions import Click, Interaction, Stroke
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.temporary_nodes import add_temporary_node, remove_temporary_node

__all__ = ["InteractionMarkers"]

# The papers draw clicks in cyan; it is seen on gray images and on most colors of segments.
CYAN = (0.0, 1.0, 1.0)
YELLOW = (1.0, 1.0, 0.0)
# In percent of a fifth of the screen's diagonal: 9, 12 and 2 pixels on a screen of 1920 x 1080,
# however far a view is zoomed. Dots of some millimeters would hide small structures.
DOT, LATEST_DOT, LINE = 2.05, 2.75, 0.45


class InteractionMarkers:
    """Markups of the interactions on one slice at a time, in ``scene``.

    They are locked (clicks pass through), not saved with the scene, not listed in the editors, and
    visible on their own slice only. ``remove`` them in the end.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
        self._scene = scene
        self._grid = grid
        self._clicks: slicer.vtkMRMLMarkupsFiducialNode | None = None
        self._latest: slicer.vtkMRMLMarkupsFiducialNode | None = None
        self._strokes: list[slicer.vtkMRMLMarkupsCurveNode] = []

    def show(self, slice_index: int, interactions: Sequence[Interaction]) -> None:
        """Show ``interactions``, all on ``slice_index``, instead of what was shown before.

        The last one is larger and yellow.
        """
        *earlier, last = interactions or (None,)
        if self._clicks is None:
            dots = "vtkMRMLMarkupsFiducialNode"
            self._clicks = self._node(dots, "SAIM clicks", DOT, CYAN)
            self._latest = self._node(dots, "SAIM latest click", LATEST_DOT, YELLOW)
        self._place(self._clicks, slice_index, [i for i in earlier if isinstance(i, Click)])
        self._place(self._latest, slice_index, [last] if isinstance(last, Click) else [])
        strokes = [i for i in interactions if isinstance(i, Stroke)]
        while len(self._strokes) > len(strokes):
            remove_temporary_node(self._scene, self._strokes.pop())
        while len(self._strokes) < len(strokes):
            self._strokes.append(self._line())
        for node, stroke in zip(self._strokes, strokes, strict=True):
            self._draw(node, stroke, YELLOW if stroke is last else CYAN)

    def remove(self) -> None:
        """Take all markers out of the scene."""
        for node in (self._clicks, self._latest, *self._strokes):
            if node is not None:
                remove_temporary_node(self._scene, node)
        self._clicks = self._latest = None
        self._strokes = []

    def _line(self) -> slicer.vtkMRMLMarkupsCurveNode:
        # Its points are dots as thick as the line, which a size of 0 would hide, too.
        node = self._node("vtkMRMLMarkupsCurveNode", "SAIM stroke", LINE, CYAN)
        node.SetCurveTypeToLinear()
        node.GetDisplayNode().SetLineThickness(1)
        return node

    def _node(
        self, kind: str, name: str, size: float, color: tuple[float, float, float]
    ) -> slicer.vtkMRMLMarkupsNode:
        node = add_temporary_node(self._scene, kind, name)
        node.SetLocked(True)
        display = node.GetDisplayNode()
        display.SetGlyphTypeFromString("Circle2D")
        display.SetUseGlyphScale(True)
        display.SetGlyphScale(size)
        display.SetTextScale(0)
        display.SetPointLabelsVisibility(False)
        display.SetPropertiesLabelVisibility(False)
        display.SetSliceProjection(False)
        display.SetVisibility3D(False)
        display.SetColor(*color)
        display.SetSelectedColor(*color)
        return node

    def _place(
        self,
        node: slicer.vtkMRMLMarkupsFiducialNode,
        slice_index: int,
        clicks: Sequence[Click],
    ) -> None:
        points = [self._grid.point(slice_index, click.row, click.column) for click in clicks]
        _set_points(node, points)

    def _draw(
        self,
        node: slicer.vtkMRMLMarkupsCurveNode,
        stroke: Stroke,
        color: tuple[float, float, float],
    ) -> None:
        _set_points(node, [self._grid.point(stroke.slice_index, *place) for place in stroke.points])
        node.GetDisplayNode().SetSelectedColor(*color)


def _set_points(node: slicer.vtkMRMLMarkupsNode, points: Sequence[NDArray[np.float64]]) -> None:
    with slicer.util.NodeModify(node):
        node.RemoveAllControlPoints()
        for point in points:
            node.AddControlPointWorld(*point.tolist())
