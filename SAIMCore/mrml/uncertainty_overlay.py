"""The entropy of a slice's pixels as a translucent image over the slice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import numpy_to_vtk

from SAIMCore.data.geometry import from_slices
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.matrices import matrix_from_array
from SAIMCore.mrml.temporary_nodes import add_temporary_node, remove_temporary_node

__all__ = ["UncertaintyOverlay"]

# Certain pixels are left clear.
VISIBLE_FROM = 0.05
OPACITY = 0.5


class UncertaintyOverlay:
    """A volume of one slice, shown as the foreground of slice views of ``grid``'s volume.

    The foregrounds that views had before are given back by ``hide``.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
        self._scene = scene
        self._grid = grid
        self._volume: slicer.vtkMRMLScalarVolumeNode | None = None
        # Foreground and opacity before, by view.
        self._before: dict[slicer.vtkMRMLSliceCompositeNode, tuple[str | None, float]] = {}

    def show(
        self,
        slice_index: int,
        entropy: NDArray[np.float32],
        views: Sequence[slicer.vtkMRMLSliceCompositeNode],
    ) -> None:
        """Show ``entropy`` (rows, columns), 0 to 1, on a slice in ``views``."""
        if self._volume is None:
            self._volume = self._make()
        self._fill(slice_index, entropy)
        for view in views:
            if view not in self._before:
                self._before[view] = view.GetForegroundVolumeID(), view.GetForegroundOpacity()
            view.SetForegroundVolumeID(self._volume.GetID())
            view.SetForegroundOpacity(OPACITY)

    def hide(self) -> None:
        """Give the views the foregrounds that they had."""
        for view, (foreground, opacity) in self._before.items():
            if self._volume is not None and view.GetForegroundVolumeID() == self._volume.GetID():
                view.SetForegroundVolumeID(foreground)
                view.SetForegroundOpacity(opacity)
        self._before = {}

    def remove(self) -> None:
        """Hide it and take it out of the scene."""
        self.hide()
        if self._volume is not None:
            remove_temporary_node(self._scene, self._volume)
        self._volume = None

    def _make(self) -> slicer.vtkMRMLScalarVolumeNode:
        volume = add_temporary_node(self._scene, "vtkMRMLScalarVolumeNode", "SAIM uncertainty")
        display = volume.GetDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevelMinMax(0, 1)
        display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeFileInferno.txt")
        display.SetApplyThreshold(True)
        display.SetThreshold(VISIBLE_FROM, 10)
        display.SetInterpolate(False)
        return volume

    def _fill(self, slice_index: int, entropy: NDArray[np.float32]) -> None:
        assert self._volume is not None
        voxels = np.ascontiguousarray(
            from_slices(entropy[None].astype(np.float32), self._grid.axis)
        )
        image = vtk.vtkImageData()
        image.SetDimensions(*reversed(voxels.shape))
        image.GetPointData().SetScalars(numpy_to_vtk(voxels.ravel(), deep=True))
        matrix = self._grid.ijk_to_ras.copy()
        matrix[:3, 3] += slice_index * matrix[:3, self._grid.axis]
        parent = self._grid.volume.GetParentTransformNode()
        with slicer.util.NodeModify(self._volume):
            self._volume.SetIJKToRASMatrix(matrix_from_array(matrix))
            self._volume.SetAndObserveTransformNodeID(parent.GetID() if parent else None)
            self._volume.SetAndObserveImageData(image)
