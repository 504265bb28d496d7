"""Markers of what was clicked, on their own slice and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SAIMCore.interactions import Box, Click, Stroke
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
    markers.show([Click(2, 3, 4, 1), Click(2, 8, 9, 0), Click(2, 5, 5, 2)])
    found = markups(scene)
    np.testing.assert_allclose(found["SAIM clicks"], [grid.point(2, 3, 4), grid.point(2, 8, 9)])
    np.testing.assert_allclose(found["SAIM latest click"], [grid.point(2, 5, 5)])


def test_another_slice_replaces_them(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show([Click(2, 3, 4, 1), Stroke(2, ((1, 1), (1, 5)), 1)])
    markers.show([])
    found = markups(scene)
    assert found == {"SAIM clicks": [], "SAIM latest click": []}


def test_a_stroke_is_a_line_along_its_points(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    first, second = Stroke(1, ((1, 1), (1, 5), (4, 5)), 1), Stroke(1, ((7, 7), (9, 9)), 2)
    markers.show([first, second])
    lines = slicer.util.getNodesByClass("vtkMRMLMarkupsCurveNode", scene)
    assert [line.GetNumberOfControlPoints() for line in lines] == [3, 2]
    np.testing.assert_allclose(
        markups(scene)["SAIM line"],
        [grid.point(1, *place) for place in first.points + second.points],
    )
    colors = [line.GetDisplayNode().GetSelectedColor() for line in lines]
    assert colors == [(0, 1, 1), (1, 1, 0)]
    assert markups(scene)["SAIM latest click"] == []


def test_a_box_is_a_closed_line_around_its_pixels(
    scene: slicer.vtkMRMLScene, grid: SliceGrid
) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show([Click(1, 8, 8, 1), Box(1, 2, 3, 4, 6, 1)])
    corners = [(1.5, 2.5), (1.5, 6.5), (4.5, 6.5), (4.5, 2.5), (1.5, 2.5)]
    found = markups(scene)
    np.testing.assert_allclose(found["SAIM line"], [grid.point(1, *place) for place in corners])
    np.testing.assert_allclose(found["SAIM clicks"], [grid.point(1, 8, 8)])
    assert found["SAIM latest click"] == []


def test_what_is_being_drawn_is_shown_until_it_is_done(
    scene: slicer.vtkMRMLScene, grid: SliceGrid
) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show([Click(1, 8, 8, 1)])
    markers.preview(Box(1, 2, 3, 4, 6, 1))
    markers.preview(Box(1, 2, 3, 9, 9, 1))
    corners = [(1.5, 2.5), (1.5, 9.5), (9.5, 9.5), (9.5, 2.5), (1.5, 2.5)]
    expected = [grid.point(1, *place) for place in corners]
    np.testing.assert_allclose(markups(scene)["SAIM preview"], expected)
    markers.preview(None)
    assert "SAIM preview" not in markups(scene)
    markers.preview(Box(1, 2, 3, 4, 6, 1))
    # An answer to an earlier click comes meanwhile.
    markers.show([])
    assert "SAIM preview" in markups(scene)
    markers.remove()
    assert markups(scene) == {}


def test_markers_do_not_get_in_the_way(scene: slicer.vtkMRMLScene, grid: SliceGrid) -> None:
    markers = InteractionMarkers(scene, grid)
    markers.show([Click(2, 3, 4, 1), Stroke(2, ((1, 1), (1, 5)), 1)])
    markers.preview(Box(2, 1, 1, 3, 3, 1))
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
    markers.show([Click(2, 3, 4, 1)])
    scene.Clear()
    markers.remove()
