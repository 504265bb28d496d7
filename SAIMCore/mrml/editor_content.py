"""What a Segment Editor shows."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from SAIMCore.mrml.series_annotation import EditorHistory

__all__ = ["EditorContent"]


@dataclass(frozen=True, eq=False)
class EditorContent:
    """Source volume, segmentation, the editor's parameter node, and who keeps its undo history.

    ``history`` is None where the host has none.
    """

    volume: slicer.vtkMRMLScalarVolumeNode | None
    segmentation: slicer.vtkMRMLSegmentationNode | None
    editor: slicer.vtkMRMLSegmentEditorNode
    history: EditorHistory | None = None

    @property
    def complete(self) -> bool:
        """Whether there is something to segment."""
        return self.volume is not None and self.segmentation is not None

    def same(self, other: EditorContent) -> bool:
        """Whether the same series is segmented in the same segmentation."""
        return self.volume is other.volume and self.segmentation is other.segmentation
