"""The one writer of segments: exact on its slice, and everything else as it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import to_slices
from SAIMCore.errors import GeometryMismatchError, InvalidLabelmapError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.slice_writer import SliceWriter
from Testing.mrml.scenes import (
    DIRECTIONS,
    OBLIQUE,
    add_segmentation,
    add_transform,
    add_volume,
    paint,
    voxels,
)

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


@pytest.fixture
def bench(scene: slicer.vtkMRMLScene) -> Callable[..., Bench]:
    return lambda *arguments, **options: Bench(scene, *arguments, **options)


def flat_masks(labels: NDArray[np.uint8], classes: ClassTable = FLAT) -> dict[str, Mask]:
    return {classes[index].name: classes.structure(labels, index) for index in classes.foreground}


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_slices_are_written_exactly_on_every_grid(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench], direction: str, axis: int
) -> None:
    spacing = [0.8, 0.9, 0.7]
    spacing[axis] = 3.0
    volume = add_volume(scene, (9, 8, 7), tuple(spacing), DIRECTIONS[direction])
    made = bench(volume=volume)
    for slice_index in (SLICE, 0, SLICE, made.grid.shape[0] - 1):
        before, labels = made.all(), made.labels()
        assert made.write(labels, slice_index)
        made.expect(before, slice_index, **flat_masks(labels))
    assert made.node.GetSegmentation().GetNumberOfLayers() == 1


def test_the_same_labels_again_change_nothing(bench: Callable[..., Bench]) -> None:
    made = bench()
    labels = made.labels()
    assert made.write(labels)
    assert not made.write(labels)
    assert made.write(np.zeros_like(labels))
    assert not any(mask.any() for mask in made.all().values())


def test_a_segment_made_by_others_and_shrunk_to_its_voxels_is_written(
    bench: Callable[..., Bench],
) -> None:
    made = bench(FLAT, "liver", "kidney")
    box = np.zeros(slicer.util.arrayFromVolume(made.volume).shape, dtype=bool)
    box[1:3, 4:6, 7:9] = True
    made.paint("liver", box)
    before, labels = made.all(), made.labels()
    made.write(labels)
    made.expect(before, **flat_masks(labels))


@pytest.mark.parametrize("overlap", [False, True])
def test_other_segments_keep_every_voxel_and_are_not_covered(
    bench: Callable[..., Bench], overlap: bool
) -> None:
    made = bench(FLAT, "vessel", "liver", "notes")
    made.paint("vessel", made.block())
    made.paint("notes", made.block())
    if overlap:
        made.editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    before, labels = made.all(), made.labels()
    made.write(labels)
    free = ~(before["vessel"] | before["notes"])[SLICE]
    wanted = flat_masks(labels)
    if not overlap:
        wanted = {name: mask & free for name, mask in wanted.items()}
    made.expect(before, **wanted)


def test_others_in_the_same_labelmap_are_overlapped_in_a_new_one(
    bench: Callable[..., Bench],
) -> None:
    made = bench(FLAT, "vessel")
    made.segments.ensure()
    assert made.node.GetSegmentation().GetNumberOfLayers() == 1
    box = np.zeros(slicer.util.arrayFromVolume(made.volume).shape, dtype=bool)
    box[SLICE, 2:9, 2:9] = True
    made.write(made.labels(), SLICE + 1)
    image = made.node.GetSegmentation().GetSegment("vessel").GetRepresentation("Binary labelmap")
    values = vtk_to_numpy(image.GetPointData().GetScalars())
    values.reshape(box.shape)[box] = (
        made.node.GetSegmentation().GetSegment("vessel").GetLabelValue()
    )
    made.editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    before, labels = made.all(), np.ones(made.grid.shape[1:], dtype=np.uint8)
    assert before["vessel"][SLICE].sum() == 49
    made.write(labels)
    made.expect(before, **flat_masks(labels))
    assert made.node.GetSegmentation().GetNumberOfLayers() == 2


def test_locked_segments_keep_every_voxel(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.write(made.labels())
    made.segments.set_locked(made.segments.ids[2], True)
    before, labels = made.all(), made.labels()
    made.write(labels)
    free = ~before["kidney"][SLICE]
    wanted = flat_masks(labels)
    made.expect(before, liver=wanted["liver"] & free, spleen=wanted["spleen"] & free)


def test_hidden_segments_are_protected_where_only_visible_ones_may_be_overwritten(
    bench: Callable[..., Bench],
) -> None:
    made = bench(FLAT, "vessel")
    made.write(made.labels())
    made.paint("vessel", made.block())
    before = made.all()
    display = made.node.GetDisplayNode()
    display.SetSegmentVisibility(made.segments.ids[2], False)
    display.SetSegmentVisibility("vessel", False)
    made.editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteVisibleSegments)
    labels = made.labels()
    made.write(labels)
    wanted = flat_masks(labels)
    # Slicer lets hidden segments be overlapped in this mode.
    made.expect(before, liver=wanted["liver"], spleen=wanted["spleen"])


def test_a_class_around_others_is_written_as_the_union(bench: Callable[..., Bench]) -> None:
    made = bench(NESTED)
    for _ in range(3):
        before, labels = made.all(), made.labels()
        made.write(labels)
        made.expect(before, **flat_masks(labels, NESTED))
    assert made.node.GetSegmentation().GetNumberOfLayers() == 3
    inside = np.zeros(made.grid.shape[1:], dtype=np.uint8)
    inside[2:12, 2:12] = NESTED.index("liver")
    inside[5:8, 5:8] = NESTED.index("tumor")
    made.write(inside)
    assert made.all()["liver"][SLICE, 2:12, 2:12].all()


def test_a_locked_tumor_stays_and_the_liver_around_it_closes_over_it(
    bench: Callable[..., Bench],
) -> None:
    made = bench(NESTED)
    labels = np.zeros(made.grid.shape[1:], dtype=np.uint8)
    labels[5:8, 5:8] = NESTED.index("tumor")
    made.write(labels)
    made.segments.set_locked(made.segments.ids[NESTED.index("tumor")], True)
    before = made.all()
    labels[:] = NESTED.index("liver")
    made.write(labels)
    made.expect(before, liver=np.ones_like(labels, dtype=bool))


MODES = ("Everywhere", "InsideAllSegments", "InsideVisibleSegments", "InsideSingleSegment",
         "OutsideAllSegments", "OutsideVisibleSegments")  # fmt: skip


@pytest.mark.parametrize("intensities", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_masks_are_honored(bench: Callable[..., Bench], mode: str, intensities: bool) -> None:
    made = bench(FLAT, "left", "right", "hidden")
    for name in ("left", "right", "hidden"):
        made.paint(name, made.block())
    made.write(made.labels())
    before = made.all()
    made.node.GetDisplayNode().SetSegmentVisibility("hidden", False)
    set_mask(made.editor, getattr(Node, f"EditAllowed{mode}"), "right")
    values = to_slices(slicer.util.arrayFromVolume(made.volume), made.grid.axis)[SLICE]
    low, high = np.percentile(values, [20, 70]).tolist()
    if intensities:
        made.editor.SetSourceVolumeIntensityMask(True)
        made.editor.SetSourceVolumeIntensityMaskRange(low, high)
    labels = made.labels()
    made.write(labels)

    def union(*names: str) -> Mask:
        return np.any([before[name][SLICE] for name in names], axis=0)

    others = union("left", "right", "hidden")
    editable = {
        "Everywhere": np.ones_like(others),
        "InsideAllSegments": union(*before),
        "InsideVisibleSegments": union(*(name for name in before if name != "hidden")),
        "InsideSingleSegment": union("right"),
        "OutsideAllSegments": ~others,
        "OutsideVisibleSegments": ~union("left", "right"),
    }[mode]
    if intensities:
        editable &= (values >= low) & (values <= high)
    made.expect(
        before,
        **{
            name: np.where(editable & ~others, mask, before[name][SLICE])
            for name, mask in flat_masks(labels).items()
        },
    )


@pytest.mark.parametrize("mode", ["Everywhere", "OutsideAllSegments", "OutsideVisibleSegments"])
@pytest.mark.parametrize("intensities", [False, True])
def test_masks_mean_what_they_mean_to_the_segment_editor(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench], mode: str, intensities: bool
) -> None:
    made = bench(ClassTable.from_names(["background", "liver"]), "right", "liver")
    made.paint("right", made.block())
    made.paint("liver", made.block() & ~voxels(made.node, "right", made.volume))
    set_mask(made.editor, getattr(Node, f"EditAllowed{mode}"), "right")
    if intensities:
        made.editor.SetSourceVolumeIntensityMask(True)
        made.editor.SetSourceVolumeIntensityMaskRange(50, 1200)
    copied = copy_of(scene, made.node)
    # Slicer would take voxels from the other segment; here it keeps them.
    labels = np.where(made.all()["right"][SLICE], 0, made.labels()).astype(np.uint8)
    made.write(labels)
    modify(scene, made, copied, "liver", labels == 1)
    np.testing.assert_array_equal(
        voxels(made.node, "liver", made.volume), voxels(copied, "liver", made.volume)
    )


@pytest.mark.parametrize("moved", ["volume", "segmentation", "both"])
def test_transforms_of_volume_and_segmentation_are_followed(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench], moved: str
) -> None:
    made = bench()
    transform = add_transform(scene)
    for node in (made.volume, made.node):
        if moved == "both" or (node is made.volume) == (moved == "volume"):
            node.SetAndObserveTransformNodeID(transform.GetID())
    labels = made.labels()
    made.write(labels)
    made.expect({}, **flat_masks(labels))


def test_a_bent_volume_is_refused_in_words(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    made = bench()
    bent = scene.AddNewNodeByClass("vtkMRMLTransformNode")
    bent.SetAndObserveTransformToParent(vtk.vtkThinPlateSplineTransform())
    made.volume.SetAndObserveTransformNodeID(bent.GetID())
    with pytest.raises(GeometryMismatchError, match="bent against the segmentation"):
        made.write(made.labels())


def test_a_segmentation_of_another_volume_is_brought_to_this_grid(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    other = add_volume(scene, (30, 25, 20), (0.5, 0.6, 1.5), OBLIQUE, (14.0, -9.0, 28.0))
    made = bench(FLAT, "liver", "vessel")
    box = np.zeros((20, 25, 30), dtype=bool)
    box[2:15, 3:20, 4:22] = True
    made.node.SetReferenceImageGeometryParameterFromVolumeNode(other)
    paint(made.node, "liver", box, other)
    paint(made.node, "vessel", box & (np.indices(box.shape)[2] > 18), other)
    vessel = voxels(made.node, "vessel", other)
    before, labels = made.all(), made.labels()
    made.write(labels)
    taken = before["vessel"][SLICE]
    empty = np.zeros_like(before["liver"])
    made.expect(
        before,
        **{
            name: np.where(taken, before.get(name, empty)[SLICE], mask)
            for name, mask in flat_masks(labels).items()
        },
    )
    np.testing.assert_array_equal(voxels(made.node, "vessel", other), vessel)


def test_many_segments_do_not_outgrow_their_labelmap(bench: Callable[..., Bench]) -> None:
    made = bench(FLAT, *(f"foreign {number}" for number in range(260)))
    labels = made.labels()
    made.write(labels)
    made.expect({}, **flat_masks(labels))


def test_overlapping_masks_are_restored_into_layers_of_their_own(
    bench: Callable[..., Bench],
) -> None:
    made = bench()
    made.write(made.labels())
    before = made.all()
    masks = made.rng.random((3, *made.grid.shape[1:])) < 0.5
    rules = EditRules(made.segments, made.editor)
    assert SliceWriter(made.segments, made.grid, rules).restore(SLICE, masks)
    made.expect(before, liver=masks[0], kidney=masks[1], spleen=masks[2])
    assert made.node.GetSegmentation().GetNumberOfLayers() == 3


def test_labels_of_another_shape_are_refused(bench: Callable[..., Bench]) -> None:
    made = bench()
    with pytest.raises(InvalidLabelmapError, match="do not fit the slices of 'series'"):
        made.write(made.labels()[:-1])
    assert made.node.GetSegmentation().GetNumberOfSegments() == 0


def test_undo_and_redo_of_the_segment_editor_are_exact(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    made = bench(NESTED)
    made.segments.ensure()
    logic = editor_logic(scene, made)
    states = []
    for _ in range(3):
        states.append(made.all())
        logic.SaveStateForUndo()
        made.write(made.labels())
    states.append(made.all())
    for state in reversed(states[:-1]):
        logic.Undo()
        made.expect(state)
    for state in states[1:]:
        logic.Redo()
        made.expect(state)


def set_mask(editor: slicer.vtkMRMLSegmentEditorNode, mode: int, segment_id: str) -> None:
    # In this order, or the mode falls back to everywhere.
    editor.SetMaskSegmentID(segment_id)
    editor.SetMaskMode(mode)


def copy_of(scene: slicer.vtkMRMLScene, node: Node) -> Node:
    copied = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    copied.CreateDefaultDisplayNodes()
    copied.GetSegmentation().DeepCopy(node.GetSegmentation())
    return copied


def editor_logic(
    scene: slicer.vtkMRMLScene, made: Bench, node: Node | None = None
) -> slicer.vtkSlicerSegmentEditorLogic:
    logic = slicer.vtkSlicerSegmentEditorLogic()
    logic.SetMRMLApplicationLogic(scene.application)
    logic.SetMRMLScene(scene)
    logic.SetSegmentEditorNode(made.editor)
    logic.SetSegmentationNode(node or made.node)
    logic.SetSourceVolumeNode(made.volume)
    return logic


def modify(
    scene: slicer.vtkMRMLScene, made: Bench, node: Node, segment_id: str, mask: Mask
) -> None:
    """Set one slice of a segment as an effect of the Segment Editor does: remove, then add."""
    logic = editor_logic(scene, made, node)
    logic.SetCurrentSegmentID(segment_id)
    assert logic.UpdateReferenceGeometryImage()
    for mode, chosen in (
        (logic.ModificationModeRemove, np.ones_like(mask)),
        (logic.ModificationModeAdd, mask),
    ):
        logic.ResetModifierLabelmapToDefault()
        image = logic.GetModifierLabelmap()
        array = vtk_to_numpy(image.GetPointData().GetScalars())
        array.reshape(tuple(reversed(image.GetDimensions())))[SLICE][chosen] = 1
        image.GetPointData().GetScalars().Modified()
        image.Modified()
        logic.ModifySegmentByLabelmap(node, segment_id, image, mode, False, False)
