"""The point at which the slice views meet: lines through it, and going there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from SAIMCore.mrml.matrices import array_from_matrix
from SAIMWeb.trame_host.views import Views

__all__ = ["Crosshair"]


class Crosshair:
    """The crosshair of ``views``; Slicer itself moves it with the mouse, while Shift is held."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._node: slicer.vtkMRMLCrosshairNode = views.scene.GetFirstNodeByClass(
            "vtkMRMLCrosshairNode"
        )

    def show(self, wanted: bool) -> None:
        """Draw lines in all slice views, at first where these meet."""
        if wanted:
            self.center()
        mode = self._node.ShowBasic if wanted else self._node.NoCrosshair
        self._node.SetCrosshairMode(mode)

    def center(self) -> None:
        """Put it where the slices meet that the views show."""
        matrices = [
            array_from_matrix(self._views.node(name).GetSliceToRAS()) for name in self._views.slices
        ]
        normals = np.array([matrix[:3, 2] for matrix in matrices])
        offsets = [matrix[:3, 2] @ matrix[:3, 3] for matrix in matrices]
        self._node.SetCrosshairRAS(*np.linalg.solve(normals, offsets).tolist())

    def jump(self, point: Sequence[float]) -> None:
        """Let all slice views go to a point (world RAS, mm)."""
        for name in self._views.slices:
            self._views.node(name).JumpSliceByOffsetting(*point)
        self._node.SetCrosshairRAS(*point)
