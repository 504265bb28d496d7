"""A bench for the tests of the slice writer, with everything that it may touch in view."""

from __future__ import annotations

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import to_slices
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.slice_writer import SliceWriter
from Testing.mrml.scenes import add_segmentation, add_volume, paint, voxels

FLAT = ClassTable.from_names(["background", "liver", "kidney", "spleen"])
NESTED = ClassTable.from_names(["background", "liver", "tumor<liver", "core<tumor", "kidney"])
SLICE = 3

Node = slicer.vtkMRMLSegmentationNode
Mask = NDArray[np.bool_]


class Bench:
    """A segmentation, a writer for it, and what all of its segments hold."""

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        classes: ClassTable = FLAT,
        *names: str,
        volume: slicer.vtkMRMLScalarVolumeNode | None = None,
    ) -> None:
        self.volume = volume or add_volume(scene)
        self.node = add_segmentation(scene, self.volume, *names)
        self.editor = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.segments = ClassSegments(self.node, classes)
        self.grid = SliceGrid(self.volume)
        self.rng = np.random.default_rng(1)

    def labels(self) -> NDArray[np.uint8]:
        """Random labels of a slice, in blocks."""
        rows, columns = self.grid.shape[1:]
        coarse = self.rng.integers(0, len(self.segments.classes), (-(-rows // 3), -(-columns // 3)))
        return np.kron(coarse, np.ones((3, 3))).astype(np.uint8)[:rows, :columns]

    def block(self) -> Mask:
        """A random box (K, J, I) of voxels around the middle."""
        shape = slicer.util.arrayFromVolume(self.volume).shape
        mask = np.zeros(shape, dtype=bool)
        middle = [count // 2 for count in shape]
        low = [int(self.rng.integers(0, place + 1)) for place in middle]
        high = [int(self.rng.integers(p + 1, n + 1)) for p, n in zip(middle, shape, strict=True)]
        mask[tuple(slice(*ends) for ends in zip(low, high, strict=True))] = True
        return mask

    def write(self, labels: NDArray[np.uint8], slice_index: int = SLICE) -> bool:
        rules = EditRules(self.segments, self.editor)
        return SliceWriter(self.segments, self.grid, rules).write(slice_index, labels)

    def paint(self, segment_id: str, mask: Mask) -> None:
        paint(self.node, segment_id, mask, self.volume)

    def all(self) -> dict[str, Mask]:
        """Stacks (S, rows, columns) of all segments by name."""
        found = {}
        segmentation = self.node.GetSegmentation()
        for segment_id in segmentation.GetSegmentIDs():
            stack = to_slices(voxels(self.node, segment_id, self.volume), self.grid.axis)
            found[segmentation.GetSegment(segment_id).GetName()] = stack.copy()
        return found

    def expect(self, before: dict[str, Mask], slice_index: int = SLICE, **masks: Mask) -> None:
        """All segments are as ``before``, but for the ``masks`` on one slice."""
        after = self.all()
        for name in after:
            expected = before.get(name, np.zeros(self.grid.shape, dtype=bool)).copy()
            if name in masks:
                expected[slice_index] = masks[name]
            np.testing.assert_array_equal(after[name], expected, err_msg=name)


def flat_masks(labels: NDArray[np.uint8], classes: ClassTable = FLAT) -> dict[str, Mask]:
    return {classes[index].name: classes.structure(labels, index) for index in classes.foreground}
