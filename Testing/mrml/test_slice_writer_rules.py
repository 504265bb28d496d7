"""The writer obeys the Segment Editor: other segments, locks, what may be overwritten, masks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import to_slices
from Testing.mrml.scenes import editor_logic, voxels
from Testing.mrml.writer_bench import (
    FLAT,
    NESTED,
    SLICE,
    Bench,
    Mask,
    Node,
    flat_masks,
)


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


def set_mask(editor: slicer.vtkMRMLSegmentEditorNode, mode: int, segment_id: str) -> None:
    # In this order, or the mode falls back to everywhere.
    editor.SetMaskSegmentID(segment_id)
    editor.SetMaskMode(mode)


def copy_of(scene: slicer.vtkMRMLScene, node: Node) -> Node:
    copied = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    copied.CreateDefaultDisplayNodes()
    copied.GetSegmentation().DeepCopy(node.GetSegmentation())
    return copied


def modify(
    scene: slicer.vtkMRMLScene, made: Bench, node: Node, segment_id: str, mask: Mask
) -> None:
    """Set one slice of a segment as an effect of the Segment Editor does: remove, then add."""
    logic = editor_logic(scene, made.editor, node, made.volume)
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
