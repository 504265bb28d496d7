"""The slice views that show a source volume, found in the scene."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import slicer

from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.matrices import array_from_matrix

__all__ = ["SliceViews"]

View = tuple[slicer.vtkMRMLSliceNode, slicer.vtkMRMLSliceCompositeNode]


class SliceViews:
    """The views of ``scene`` whose background is the volume of ``grid``."""

    def __init__(self, scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
        self._scene = scene
        self._grid = grid

    @property
    def composites(self) -> list[slicer.vtkMRMLSliceCompositeNode]:
        """What lies over what in each view."""
        return [composite for _, composite in self._all()]

    def shown_slice(self, view: slicer.vtkMRMLSliceNode) -> int | None:
        """The slice of the grid that ``view`` shows.

        None for a view of another volume, one across the slices, and one beside the volume.
        """
        if view not in (known for known, _ in self._all()):
            return None
        if not self._grid.shows_one_slice(view):
            return None
        return self._grid.slice_at(array_from_matrix(view.GetSliceToRAS())[:3, 3])

    def first_shown_slice(self) -> int | None:
        """The slice that the first of the views along the slices shows, None without one."""
        found = (self.shown_slice(view) for view, _ in self._all())
        return next((index for index in found if index is not None), None)

    def go_to(self, slice_index: int) -> None:
        """Let the views along the slices show this one; the others keep what they show."""
        target = self._grid.slice_center(slice_index)
        for view, _ in self._all():
            if self._grid.shows_one_slice(view):
                view.JumpSliceByOffsetting(*(float(value) for value in np.asarray(target)))

    def _all(self) -> Iterator[View]:
        wanted = self._grid.volume.GetID()
        composites = {
            composite.GetLayoutName(): composite
            for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode", self._scene)
        }
        for view in slicer.util.getNodesByClass("vtkMRMLSliceNode", self._scene):
            composite = composites.get(view.GetLayoutName())
            if composite is not None and composite.GetBackgroundVolumeID() == wanted:
                yield view, composite
