"""The overlay shows its values at the pixels they belong to, and gives the views back."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SAIMCore.data.geometry import to_slices
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.uncertainty_overlay import UncertaintyOverlay
from Testing.mrml.scenes import DIRECTIONS, add_transform, add_volume


def overlay_volume(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLScalarVolumeNode:
    return scene.GetFirstNodeByName("SAIM uncertainty")


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_values_lie_on_their_pixels(scene: slicer.vtkMRMLScene, direction: str, axis: int) -> None:
    spacing = [0.8, 0.9, 0.7]
    spacing[axis] = 3.0
    volume = add_volume(scene, (9, 8, 7), tuple(spacing), DIRECTIONS[direction])
    volume.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    grid = SliceGrid(volume)
    overlay = UncertaintyOverlay(scene, grid)
    for slice_index in (2, 5):
        entropy = np.random.default_rng(slice_index).random(grid.shape[1:]).astype(np.float32)
        overlay.show(slice_index, entropy, [])
        shown = overlay_volume(scene)
        np.testing.assert_array_equal(
            to_slices(slicer.util.arrayFromVolume(shown), axis)[0], entropy
        )
        own = SliceGrid(shown)
        place = np.zeros(3)
        assert own.ijk_to_ras @ [*place, 1] == pytest.approx(
            grid.ijk_to_ras @ [*(slice_index * (np.arange(3) == axis)), 1]
        )
        assert shown.GetParentTransformNode() is volume.GetParentTransformNode()


def test_views_get_their_foreground_back(scene: slicer.vtkMRMLScene) -> None:
    volume, other = add_volume(scene), add_volume(scene)
    views = [scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode") for _ in range(2)]
    views[0].SetForegroundVolumeID(other.GetID())
    views[0].SetForegroundOpacity(0.7)
    grid = SliceGrid(volume)
    overlay = UncertaintyOverlay(scene, grid)
    for _ in range(2):
        overlay.show(1, np.zeros(grid.shape[1:], np.float32), views)
    assert {view.GetForegroundVolumeID() for view in views} == {overlay_volume(scene).GetID()}
    overlay.hide()
    assert views[0].GetForegroundVolumeID() == other.GetID()
    assert views[0].GetForegroundOpacity() == pytest.approx(0.7)
    assert views[1].GetForegroundVolumeID() is None
    overlay.remove()
    assert overlay_volume(scene) is None


def test_a_foreground_that_the_user_chose_meanwhile_stays(scene: slicer.vtkMRMLScene) -> None:
    volume, other = add_volume(scene), add_volume(scene)
    view = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    grid = SliceGrid(volume)
    overlay = UncertaintyOverlay(scene, grid)
    overlay.show(1, np.zeros(grid.shape[1:], np.float32), [view])
    view.SetForegroundVolumeID(other.GetID())
    overlay.remove()
    assert view.GetForegroundVolumeID() == other.GetID()
