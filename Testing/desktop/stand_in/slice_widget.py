"""A slice view on the screen, and what a user does in it."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from SAIMCore.mrml.matrices import array_from_matrix

__all__ = ["qMRMLSliceWidget", "qMRMLThreeDWidget"]

# Qt's numbers, as which the modifier keys arrive.
SHIFT, CONTROL, ALT = 0x02000000, 0x04000000, 0x08000000


class _ViewWidget(QWidget):
    """A view with an interactor, which tells who observes it what the user does."""

    def __init__(self, node: slicer.vtkMRMLAbstractViewNode) -> None:
        super().__init__()
        self._node = node
        self.interactor = vtk.vtkGenericRenderWindowInteractor()

    def viewNode(self) -> slicer.vtkMRMLAbstractViewNode:
        return self._node


class qMRMLSliceWidget(_ViewWidget):
    """The view of a slice node."""

    def mrmlSliceNode(self) -> slicer.vtkMRMLSliceNode:
        return self._node

    def place_of(self, world: NDArray[np.float64]) -> tuple[int, int]:
        """The pixel of the view (y from the bottom) that shows a point of the world."""
        to_view = np.linalg.inv(array_from_matrix(self._node.GetXYToRAS()))
        x, y = (to_view @ [*world, 1])[:2]
        return round(x), round(y)


class qMRMLThreeDWidget(_ViewWidget):
    """A view of another kind."""
