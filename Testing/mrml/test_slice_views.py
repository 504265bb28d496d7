"""Which slice a view shows, and views that are sent to a slice."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.slice_views import SliceViews
from Testing.mrml.scenes import DIRECTIONS, add_transform, add_view, add_volume


@pytest.mark.parametrize("directions", DIRECTIONS.values(), ids=DIRECTIONS)
@pytest.mark.parametrize("moved", [False, True])
def test_a_view_that_was_sent_to_a_slice_shows_it(
    scene: slicer.vtkMRMLScene, directions: np.ndarray, moved: bool
) -> None:
    volume = add_volume(scene, directions=directions)
    if moved:
        volume.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    grid = SliceGrid(volume)
    views = SliceViews(scene, grid)
    view, composite = add_view(scene, "Red", volume, grid)
    for slice_index in (0, 3, grid.shape[0] - 1):
        views.go_to(slice_index)
        assert views.shown_slice(view) == slice_index
        assert views.first_shown_slice() == slice_index
    assert views.composites == [composite]


def test_a_view_across_the_slices_shows_none_and_stays(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene)
    grid = SliceGrid(volume)
    views = SliceViews(scene, grid)
    across, _ = add_view(scene, "Green", volume, grid)
    coronal = ((1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1))
    across.GetSliceToRAS().DeepCopy([value for row in coronal for value in row])
    across.UpdateMatrices()
    before = [across.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
    views.go_to(2)
    assert views.shown_slice(across) is None
    assert views.first_shown_slice() is None
    assert [across.GetSliceToRAS().GetElement(row, 3) for row in range(3)] == before


def test_views_of_other_volumes_do_not_count(scene: slicer.vtkMRMLScene) -> None:
    volume, other = add_volume(scene), add_volume(scene)
    grid = SliceGrid(volume)
    views = SliceViews(scene, grid)
    view, composite = add_view(scene, "Red", other, grid)
    assert views.shown_slice(view) is None
    assert views.composites == []
    composite.SetBackgroundVolumeID(volume.GetID())
    assert views.composites == [composite]


def test_beside_the_volume_there_is_no_slice(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene)
    grid = SliceGrid(volume)
    views = SliceViews(scene, grid)
    view, _ = add_view(scene, "Red", volume, grid)
    view.JumpSliceByOffsetting(*grid.point(-2, 0, 0).tolist())
    assert views.shown_slice(view) is None
    view.JumpSliceByOffsetting(*grid.point(-0.4, 0, 0).tolist())
    assert views.shown_slice(view) == 0
    # However far the view was moved along the slice.
    view.JumpSliceByCentering(*grid.point(4, 500, -300).tolist())
    assert views.shown_slice(view) == 4
