"""What the user clicked on a slice, drawn on that slice: dots for clicks, lines for the rest."""

from __future__ import annotations

from collections.abc import Sequence

import slicer

from SAIMCore.interactions import Interaction
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
        self._lines: list[slicer.vtkMRMLMarkupsCurveNode] = []
        self._preview: slicer.vtkMRMLMarkupsCurveNode | None = None

    def show(self, interactions: Sequence[Interaction]) -> None:
        """Show ``interactions``, all on one slice, instead of what was shown before.

        The last one is larger and yellow.
        """
        dots = [interaction for interaction in interactions if len(interaction.outline) == 1]
        lines = [interaction for interaction in interactions if len(interaction.outline) > 1]
        last = interactions[-1] if interactions else None
        if self._clicks is None:
            kind = "vtkMRMLMarkupsFiducialNode"
            self._clicks = self._node(kind, "SAIM clicks", DOT, CYAN)
            self._latest = self._node(kind, "SAIM latest click", LATEST_DOT, YELLOW)
        self._place(self._clicks, [dot for dot in dots if dot is not last])
        self._place(self._latest, [dot for dot in dots if dot is last])
        while len(self._lines) > len(lines):
            remove_temporary_node(self._scene, self._lines.pop())
        while len(self._lines) < len(lines):
            self._lines.append(self._line("SAIM line"))
        for node, line in zip(self._lines, lines, strict=True):
            self._place(node, [line])
            node.GetDisplayNode().SetSelectedColor(*(YELLOW if line is last else CYAN))

    def preview(self, interaction: Interaction | None) -> None:
        """Show what is being drawn, beside all else; None: nothing any more."""
        if interaction is not None:
            if self._preview is None:
                self._preview = self._line("SAIM preview")
                self._preview.GetDisplayNode().SetSelectedColor(*YELLOW)
            self._place(self._preview, [interaction])
        elif self._preview is not None:
            remove_temporary_node(self._scene, self._preview)
            self._preview = None

    def remove(self) -> None:
        """Take all markers out of the scene."""
        self.preview(None)
        for node in (self._clicks, self._latest, *self._lines):
            if node is not None:
                remove_temporary_node(self._scene, node)
        self._clicks = self._latest = None
        self._lines = []

    def _line(self, name: str) -> slicer.vtkMRMLMarkupsCurveNode:
        # Its points are dots as thick as the line, which a size of 0 would hide, too.
        node = self._node("vtkMRMLMarkupsCurveNode", name, LINE, CYAN)
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

    def _place(self, node: slicer.vtkMRMLMarkupsNode, shown: Sequence[Interaction]) -> None:
        """Let ``node`` have the points of the outlines of ``shown``, and no others."""
        with slicer.util.NodeModify(node):
            node.RemoveAllControlPoints()
            for interaction in shown:
                for row, column in interaction.outline:
                    point = self._grid.point(interaction.slice_index, row, column)
                    node.AddControlPointWorld(*point.tolist())
