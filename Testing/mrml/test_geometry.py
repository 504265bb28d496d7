"""View positions and world points against voxels, on every kind of grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import slicer
import vtk

from SAIMCore.data.geometry import to_slices
from SAIMCore.errors import InvalidImageError
from SAIMCore.interactions import Box, Click, Stroke
from SAIMCore.mrml.geometry import SliceGrid, SlicePosition, view_point
from Testing.mrml.scenes import AXIAL, DIRECTIONS, OBLIQUE, add_transform, add_volume

# Slices along each array axis.
SHAPES = {
    "along k": ((7, 6, 4), (0.8, 0.9, 3.0)),
    "along j": ((7, 4, 6), (0.8, 3.0, 0.9)),
    "along i": ((4, 7, 6), (3.0, 0.8, 0.9)),
    "isotropic": ((5, 6, 7), (1.0, 1.0, 1.0)),
}


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_point_finds_the_voxel_that_slicer_has_there(
    scene: slicer.vtkMRMLScene, direction: str, shape: str, moved: bool
) -> None:
    volume = add_volume(scene, *SHAPES[shape], DIRECTIONS[direction])
    if moved:
        volume.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    grid = SliceGrid(volume)
    array = slicer.util.arrayFromVolume(volume)
    stack = to_slices(array, grid.axis)
    assert stack.shape == grid.shape
    matrix, to_world = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    if moved:
        volume.GetParentTransformNode().GetMatrixTransformToWorld(to_world)
    for k, j, i in itertools.product(*(range(count) for count in array.shape)):
        local = matrix.MultiplyPoint((i, j, k, 1))
        world = to_world.MultiplyPoint(local)[:3]
        position = grid.position(world)
        assert position is not None
        assert stack[position] == array[k, j, i]
        assert grid.point(*position) == pytest.approx(world)


def test_the_volume_ends_half_a_voxel_beyond_its_outer_centers(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    slices, rows, columns = grid.shape
    last = (slices - 1, rows - 1, columns - 1)
    for axis in range(3):
        for start, sign in ((np.zeros(3), -1), (np.array(last, dtype=float), 1)):
            inside, outside = start.copy(), start.copy()
            inside[axis] += sign * 0.49
            outside[axis] += sign * 0.51
            assert grid.position(grid.point(*inside)) == tuple(int(value) for value in start)
            assert grid.position(grid.point(*outside)) is None


def test_a_transform_that_is_set_later_is_followed(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene)
    grid = SliceGrid(volume)
    before = grid.point(2, 3, 4)
    transform = add_transform(scene)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    assert grid.point(2, 3, 4) != pytest.approx(before)
    assert grid.position(grid.point(2, 3, 4)) == SlicePosition(2, 3, 4)


def test_a_bent_parent_transform_is_followed(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene)
    spline = vtk.vtkThinPlateSplineTransform()
    source, target = vtk.vtkPoints(), vtk.vtkPoints()
    for corner in itertools.product((-60, 60), repeat=3):
        source.InsertNextPoint(corner)
        target.InsertNextPoint([value * 1.1 for value in corner])
    source.InsertNextPoint(0, 0, 30)
    target.InsertNextPoint(3, -2, 34)
    spline.SetSourceLandmarks(source)
    spline.SetTargetLandmarks(target)
    spline.SetBasisToR()
    node = scene.AddNewNodeByClass("vtkMRMLTransformNode")
    node.SetAndObserveTransformToParent(spline)
    volume.SetAndObserveTransformNodeID(node.GetID())
    grid = SliceGrid(volume)
    assert grid.position(grid.point(3, 5, 9)) == SlicePosition(3, 5, 9)


@pytest.mark.parametrize("orientation", ["Axial", "Sagittal", "Coronal", "oblique"])
def test_a_view_shows_the_point_that_its_pixel_is_at(
    scene: slicer.vtkMRMLScene, orientation: str
) -> None:
    grid = SliceGrid(add_volume(scene, directions=OBLIQUE))
    view = slice_view(scene, orientation)
    wanted = grid.point(3, 7, 11)
    view.JumpSlice(*wanted)
    x, y = xy_of(view, wanted)
    assert view_point(view, x, y) == pytest.approx(wanted, abs=1e-6)
    assert grid.position(view_point(view, x, y)) == SlicePosition(3, 7, 11)


@pytest.mark.parametrize(
    ("orientation", "parallel"), [("Axial", True), ("Sagittal", False), ("Coronal", False)]
)
def test_only_views_along_the_slices_show_one_slice(
    scene: slicer.vtkMRMLScene, orientation: str, parallel: bool
) -> None:
    grid = SliceGrid(add_volume(scene, directions=AXIAL))
    assert grid.shows_one_slice(slice_view(scene, orientation)) == parallel


def test_a_view_turned_to_an_oblique_volume_shows_one_slice(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, directions=OBLIQUE)
    volume.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    view = slice_view(scene, "Axial")
    assert not SliceGrid(volume).shows_one_slice(view)
    view.RotateToVolumePlane(volume)
    assert SliceGrid(volume).shows_one_slice(view)


def test_one_point_is_a_click_and_several_are_a_stroke(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    points = [grid.point(2, row, 5) for row in (3, 3.2, 4, 6)]
    assert grid.interaction(points[:1], 3) == Click(2, 3, 5, 3)
    assert grid.interaction(points[:2], 3) == Click(2, 3, 5, 3)
    assert grid.interaction(points, 1, radius=2) == Stroke(2, ((3, 5), (4, 5), (6, 5)), 1, 2)


def test_a_drag_ends_where_it_leaves_its_slice_or_the_volume(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    start = [grid.point(2, 3, 5), grid.point(2, 4, 5)]
    back = grid.point(2, 6, 5)
    expected = Stroke(2, ((3, 5), (4, 5)), 1)
    assert grid.interaction([*start, grid.point(3, 5, 5), back], 1) == expected
    assert grid.interaction([*start, grid.point(2, -3, 5), back], 1) == expected


def test_a_box_lies_between_the_ends_of_its_drag(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene, directions=OBLIQUE))
    there = [grid.point(2, row, column) for row, column in ((6, 9), (1, 3), (4, 5))]
    assert grid.box(there, 1) == Box(2, 4, 5, 6, 9, 1)
    assert grid.box(there[:1], 3) == Click(2, 6, 9, 3)
    assert grid.box([*there, there[0]], 3) == Click(2, 6, 9, 3)


def test_a_box_ends_at_the_border_of_its_slice(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    _, rows, columns = grid.shape
    start = grid.point(2, 3, 5)
    assert grid.box([start, grid.point(2, rows + 9, -4)], 1) == Box(2, 3, 0, rows - 1, 5, 1)
    assert grid.box([start, grid.point(2, -7, columns + 1)], 1) == Box(2, 0, 5, 3, columns - 1, 1)


def test_a_box_ends_where_its_drag_leaves_the_slice(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    drag = [grid.point(2, 3, 5), grid.point(2, 4, 7)]
    for away in (3, -4, 99):
        back = [grid.point(away, 6, 8), grid.point(2, 7, 9)]
        assert grid.box([*drag, *back], 1) == Box(2, 3, 5, 4, 7, 1)


def test_a_box_that_begins_outside_says_nothing(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    assert grid.box([grid.point(2, -3, 5), grid.point(2, 4, 7)], 1) is None
    assert grid.box([], 1) is None


def test_clicks_outside_say_nothing(scene: slicer.vtkMRMLScene) -> None:
    grid = SliceGrid(add_volume(scene))
    assert grid.interaction([grid.point(-1, 0, 0), grid.point(0, 0, 0)], 1) is None
    assert grid.interaction([], 1) is None


def test_a_volume_without_image_is_refused_in_words(scene: slicer.vtkMRMLScene) -> None:
    empty = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "nothing here")
    with pytest.raises(InvalidImageError, match="'nothing here' has no image"):
        SliceGrid(empty)


def slice_view(scene: slicer.vtkMRMLScene, orientation: str) -> slicer.vtkMRMLSliceNode:
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode")
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene)
    if orientation == "oblique":
        turn = vtk.vtkTransform()
        turn.RotateWXYZ(35, 0.5, 0.1, 0.7)
        view.GetSliceToRAS().DeepCopy(turn.GetMatrix())
        view.UpdateMatrices()
    else:
        view.SetOrientation(orientation)
    view.SetDimensions(300, 200, 1)
    view.SetFieldOfView(150, 100, 1)
    return view


def xy_of(view: slicer.vtkMRMLSliceNode, point: np.ndarray) -> tuple[float, float]:
    inverse = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(view.GetXYToRAS(), inverse)
    x, y, depth, _ = inverse.MultiplyPoint((*point, 1))
    assert depth == pytest.approx(0, abs=1e-6)
    return x, y
