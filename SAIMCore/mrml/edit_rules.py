"""What the Segment Editor's settings allow to change on one slice: mask, range, overwrite mode."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.data.geometry import to_slices
from SAIMCore.errors import ConfigurationError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.labelmaps import segment_on_slice

__all__ = ["EditRules"]

Mask = NDArray[np.bool_]

_MASKS = slicer.vtkMRMLSegmentationNode
_OVERWRITE = slicer.vtkMRMLSegmentEditorNode


class EditRules:
    """The settings of ``editor``, a segment editor's parameter node, as they are at each call.

    Without one everything may change and nothing may overlap, Slicer's defaults.
    """

    def __init__(
        self, segments: ClassSegments, editor: slicer.vtkMRMLSegmentEditorNode | None
    ) -> None:
        self.segments = segments
        self.editor = editor

    def kept(self, segment_id: str) -> bool:
        """Whether a segment of a class keeps every voxel: locked, or hidden and so protected."""
        if self.segments.locked(segment_id):
            return True
        return self._overwrite_mode() == _OVERWRITE.OverwriteVisibleSegments and (
            not self.segments.visible(segment_id)
        )

    def not_to_overlap(self, segment_id: str) -> bool:
        """Whether nothing may be written over a segment that keeps its voxels."""
        mode = self._overwrite_mode()
        if mode == _OVERWRITE.OverwriteNone:
            return False
        return mode != _OVERWRITE.OverwriteVisibleSegments or self.segments.visible(segment_id)

    def editable(self, grid: SliceGrid, slice_index: int) -> Mask | None:
        """Where the mask settings allow changes on a slice (rows, columns); None is everywhere.

        The segments of the classes are edited together, so "outside" means outside of the others.
        Raises ConfigurationError for a mask that this version does not know.
        """
        if self.editor is None:
            return None
        area = self._editable_by_segments(grid, slice_index)
        if self.editor.GetSourceVolumeIntensityMask():
            low, high = self.editor.GetSourceVolumeIntensityMaskRange()
            values = to_slices(slicer.util.arrayFromVolume(grid.volume), grid.axis)[slice_index]
            within = (values >= low) & (values <= high)
            area = within if area is None else area & within
        return area

    def _overwrite_mode(self) -> int:
        if self.editor is None:
            return int(_OVERWRITE.OverwriteAllSegments)
        return int(self.editor.GetOverwriteMode())

    def _editable_by_segments(self, grid: SliceGrid, slice_index: int) -> Mask | None:
        assert self.editor is not None
        mode = self.editor.GetMaskMode()
        if mode == _MASKS.EditAllowedEverywhere:
            return None
        node = self.segments.node
        known = node.GetSegmentation().GetSegmentIDs()
        visible = [segment_id for segment_id in known if self.segments.visible(segment_id)]
        own = set(self.segments.ids.values())
        if mode == _MASKS.EditAllowedInsideSingleSegment:
            chosen = self.editor.GetMaskSegmentID()
            return self._union([chosen] if chosen in known else [], grid, slice_index)
        if mode == _MASKS.EditAllowedInsideAllSegments:
            return self._union(known, grid, slice_index)
        if mode == _MASKS.EditAllowedInsideVisibleSegments:
            return self._union(visible, grid, slice_index)
        if mode == _MASKS.EditAllowedOutsideAllSegments:
            return ~self._union([name for name in known if name not in own], grid, slice_index)
        if mode == _MASKS.EditAllowedOutsideVisibleSegments:
            return ~self._union([name for name in visible if name not in own], grid, slice_index)
        raise ConfigurationError(
            f"the editable area {_MASKS.ConvertMaskModeToString(mode)!r} of the Segment Editor is "
            "not known here; choose another one under Masking"
        )

    def _union(self, segment_ids: Iterable[str], grid: SliceGrid, slice_index: int) -> Mask:
        area = np.zeros(grid.shape[1:], dtype=bool)
        for segment_id in segment_ids:
            area |= segment_on_slice(self.segments.node, grid, slice_index, segment_id)
        return area
