"""A desk for the tests of the series annotation, where other effects edit the segments too."""

from __future__ import annotations

import numpy as np
import slicer
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import from_slices, to_slices
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.scenes import add_segmentation, add_volume, editor_logic, paint, voxels

CLASSES = ClassTable.from_names(["background", "liver", "tumor<liver", "kidney"])
LIVER, TUMOR, KIDNEY = 1, 2, 3
SIZE = (24, 20, 4)

Stack = NDArray[np.bool_]


class Desk:
    """An annotation as a host has it, with the Segment Editor's logic beside it if asked."""

    def __init__(self, scene: slicer.vtkMRMLScene, *, with_editor: bool = True) -> None:
        self.volume = add_volume(scene, SIZE)
        self.node = add_segmentation(scene, self.volume, "foreign")
        self.grid = SliceGrid(self.volume)
        self.segments = ClassSegments(self.node, CLASSES)
        self.segments.ensure()
        self.editor = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.logic = editor_logic(scene, self.editor, self.node, self.volume)
        self.logic.SetMaximumNumberOfUndoStates(100)
        self.with_editor = with_editor
        self.open()

    def open(self) -> None:
        images = np.zeros(self.grid.shape, dtype=np.float16)
        self.session = InteractiveSession(DiskPredictor(CLASSES), images, "series")
        self.annotation = SeriesAnnotation(
            self.session,
            self.segments,
            self.grid,
            self.editor,
            self.logic if self.with_editor else None,
        )

    def paint(self, name: str, box: tuple[slice, slice, slice], value: bool = True) -> bool:
        """Another effect's edit: state saved, then voxels (slice, row, column) set or erased.

        Painting takes the voxels from the segments in the same labelmap. Returns whether there
        was something to do.
        """
        stack = np.zeros(self.grid.shape, dtype=bool)
        stack[box] = True
        if (self.content()[name][stack] == value).all():
            return False
        self.logic.SaveStateForUndo()
        segment_id = self.node.GetSegmentation().GetSegmentIdBySegmentName(name)
        segment = self.node.GetSegmentation().GetSegment(segment_id)
        image = segment.GetRepresentation("Binary labelmap")
        shape = tuple(reversed(image.GetDimensions()))
        if shape != slicer.util.arrayFromVolume(self.volume).shape:
            mask = from_slices(stack, self.grid.axis)
            present = voxels(self.node, segment_id, self.volume)
            paint(
                self.node, segment_id, (present | mask) if value else (present & ~mask), self.volume
            )
            return True
        array = to_slices(vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape), 2)
        if value:
            array[stack] = segment.GetLabelValue()
        else:
            array[stack & (array == segment.GetLabelValue())] = 0
        image.GetPointData().GetScalars().Modified()
        image.Modified()
        segment.Modified()
        return True

    def content(self) -> dict[str, Stack]:
        """Stacks of all segments by name."""
        segmentation = self.node.GetSegmentation()
        return {
            segmentation.GetSegment(segment_id).GetName(): to_slices(
                voxels(self.node, segment_id, self.volume), self.grid.axis
            ).copy()
            for segment_id in segmentation.GetSegmentIDs()
        }

    def labels(self, slice_index: int) -> NDArray[np.uint8]:
        return self.session.result(slice_index).labels

    def clicks(self) -> list[tuple]:
        return [self.session.interactions(index) for index in range(SIZE[2])]


def same(first: dict[str, Stack], second: dict[str, Stack]) -> bool:
    return first.keys() == second.keys() and all(
        (first[name] == second[name]).all() for name in first
    )
