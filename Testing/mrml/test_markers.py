"""Markers of what was clicked, on their own slice and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SAIMCore.interactions import Click, Stroke
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.markers import InteractionMarkers
from Testing.mrml.scenes import OBLIQUE, add_transform, add_volume


@pytest.fixture
def grid(scene: slicer.vtkMRMLScene) -> SliceGrid:
    volume = add_volume(scene, directions=OBLIQUE)
    volume.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    return SliceGrid(volume)


def markups(scene: slicer.vtkMRMLScene) -> dict[str, list[list[float]]]:
    """World points of all markups by name."""
    found: dict[str, list[list[float]]] = {}
    for node in slicer.util.getNodesByClass("vtkMRMLMarkupsNode", scene):
        points = [
            list(node.GetNthControlPointPositionWorld(number))
            for number in range(node.GetNumberOfControlPoints())
        ]
        found.setdefault(node.GetName(), []).extend(points)
    return found


def test_dots_lie_at_the_clicked_pixels(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show(2, [Click(2, 3, 4, 1), Click(2, 8, 9, 0), Click(2, 5, 5, 2)])
    found = markups(scene)
    np.testing.assert_allclose(found["SAIM clicks"], [grid.point(2, 3, 4), grid.point(2, 8, 9)])
    np.testing.assert_allclose(found["SAIM latest click"], [grid.point(2, 5, 5)])


def test_another_slice_replaces_them(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show(2, [Click(2, 3, 4, 1), Stroke(2, ((1, 1), (1, 5)), 1)])
    markers.show(3, [])
    found = markups(scene)
    assert found == {"SAIM clicks": [], "SAIM latest click": []}


def test_a_stroke_is_a_line_along_its_points(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    first, second = Stroke(1, ((1, 1), (1, 5), (4, 5)), 1), Stroke(1, ((7, 7), (9, 9)), 2)
    markers.show(1, [first, second])
    lines = slicer.util.getNodesByClass("vtkMRMLMarkupsCurveNode", scene)
    assert [line.GetNumberOfControlPoints() for line in lines] == [3, 2]
    np.testing.assert_allclose(
        markups(scene)["SAIM stroke"],
        [grid.point(1, *place) for place in first.points + second.points],
    )
    colors = [line.GetDisplayNode().GetSelectedColor() for line in lines]
    assert colors == [(0, 1, 1), (1, 1, 0)]
    assert markups(scene)["SAIM latest click"] == []


def test_markers_do_not_get_in_the_way(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show(2, [Click(2, 3, 4, 1), Stroke(2, ((1, 1), (1, 5)), 1)])
    for node in slicer.util.getNodesByClass("vtkMRMLMarkupsNode", scene):
        assert node.GetLocked()
        assert node.GetHideFromEditors()
        assert not node.GetSaveWithScene()
        assert not node.GetDisplayNode().GetSliceProjection()
        assert not node.GetDisplayNode().GetVisibility3D()
    markers.remove()
    markers.remove()
    assert markups(scene) == {}


def test_a_cleared_scene_is_no_reason_to_fail(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show(2, [Click(2, 3, 4, 1)])
    scene.Clear()
    markers.remove()
