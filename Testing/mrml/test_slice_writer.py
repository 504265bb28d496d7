"""The one writer of segments: exact on its slice, and everything else as it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import slicer
import vtk

from SAIMCore.errors import GeometryMismatchError, InvalidLabelmapError
from Testing.mrml.scenes import DIRECTIONS, OBLIQUE, add_transform, add_volume, paint, voxels
from Testing.mrml.writer_bench import FLAT, NESTED, SLICE, Bench, flat_masks


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
    other = add_volume(scene, (16, 14, 6), (1.0, 1.1, 3.5), OBLIQUE, (14.0, -9.0, 28.0))
    made = bench(FLAT, "liver", "vessel")
    box = np.zeros((6, 14, 16), dtype=bool)
    box[1:5, 2:12, 2:12] = True
    made.node.SetReferenceImageGeometryParameterFromVolumeNode(other)
    paint(made.node, "liver", box, other)
    paint(made.node, "vessel", box & (np.indices(box.shape)[2] > 9), other)
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


def test_what_lies_beyond_the_volume_stays(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    made = bench(FLAT, "liver")
    # The series before it was cropped: more on every side, by whole voxels.
    point = made.grid.ijk_to_ras @ [-3, -2, -1, 1]
    i, j, k = made.grid.geometry.size
    whole = add_volume(
        scene,
        (i + 6, j + 4, k + 2),
        made.volume.GetSpacing(),
        made.grid.ijk_to_ras[:3, :3] / made.volume.GetSpacing(),
        tuple(point[:3]),
    )
    made.node.SetReferenceImageGeometryParameterFromVolumeNode(whole)
    everywhere = np.ones((k + 2, j + 4, i + 6), dtype=bool)
    paint(made.node, "liver", everywhere, whole)
    labels = made.labels()
    made.write(labels)
    found = voxels(made.node, "liver", whole)
    inside = found[1:-1, 2:-2, 3:-3][SLICE]
    np.testing.assert_array_equal(inside, flat_masks(labels)["liver"])
    found[1:-1, 2:-2, 3:-3][SLICE] = True
    assert found.all()


def test_segments_finer_in_one_direction_and_coarser_in_another_are_refused(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    other = add_volume(scene, (40, 32, 4), (0.2, 0.225, 4.5))
    made = bench(FLAT, "liver")
    made.node.SetReferenceImageGeometryParameterFromVolumeNode(other)
    box = np.zeros((4, 32, 40), dtype=bool)
    box[1:3, 3:20, 4:22] = True
    paint(made.node, "liver", box, other)
    with pytest.raises(GeometryMismatchError, match="finer voxels than the source volume"):
        made.write(made.labels())
    np.testing.assert_array_equal(voxels(made.node, "liver", other), box)


def test_many_segments_do_not_outgrow_their_labelmap(bench: Callable[..., Bench]) -> None:
    made = bench(FLAT, *(f"foreign {number}" for number in range(260)))
    labels = made.labels()
    made.write(labels)
    made.expect({}, **flat_masks(labels))


def test_labels_of_another_shape_are_refused(bench: Callable[..., Bench]) -> None:
    made = bench()
    with pytest.raises(InvalidLabelmapError, match="do not fit the slices of 'series'"):
        made.write(made.labels()[:-1])
    assert made.node.GetSegmentation().GetNumberOfSegments() == 0
