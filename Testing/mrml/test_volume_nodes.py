"""A series as the engine read it becomes a volume node with the same voxels at the same places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import axis_order
from SAIMCore.data.reading import Volume, read_series
from SAIMCore.data.sources import find_series
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.mrml.volume_nodes import add_volume
from Testing.mrml.scenes import DIRECTIONS

SPACINGS = [(0.7, 0.8, 3.1), (2.5, 0.8, 0.7), (0.7, 4.0, 0.9), (1.0, 1.0, 1.0)]
SERIES = [
    "chaos_t2_128/images/chaos_32.nii.gz",
    "hippocampus/images/hippocampus_025.nii.gz",
    "io/ct_dicom_jpeg2000",
    "io/ct_dicom_3slice",
]


def made_volume(
    spacing: tuple[float, float, float] = (0.7, 0.8, 3.1), direction: str = "axial"
) -> Volume:
    array = np.arange(7 * 6 * 5, dtype=np.float32).reshape(5, 6, 7)
    array.flags.writeable = False
    cosines = np.diag([-1.0, -1.0, 1.0]) @ DIRECTIONS[direction]
    return Volume(
        array, Geometry((7, 6, 5), spacing, (-12.5, 3.25, 40.0), tuple(cosines.ravel().tolist()))
    )


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_voxels_and_grid_are_those_of_the_series(
    scene: slicer.vtkMRMLScene, direction: str, spacing: tuple[float, float, float]
) -> None:
    volume = made_volume(spacing, direction)
    node = add_volume(scene, volume, "case 1", "case_1")
    grid = SliceGrid(node)
    assert volume.geometry.difference(grid.geometry, 1e-9) is None
    assert grid.axis == volume.geometry.acquisition_axis
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node), volume.array)
    assert node.GetName() == "case 1"
    assert node.GetAttribute(SERIES_ATTRIBUTE) == "case_1"


@pytest.mark.parametrize("place", SERIES)
def test_real_series_lie_where_the_engine_says(
    scene: slicer.vtkMRMLScene, shared_data: Path, place: str
) -> None:
    (source,) = find_series(shared_data / place, note=print)[:1]
    volume = read_series(source)
    node = add_volume(scene, volume, source.name, source.name)
    assert volume.geometry.difference(SliceGrid(node).geometry, 1e-9) is None
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node), volume.array)
    low, high = node.GetDisplayNode().GetWindowLevelMin(), node.GetDisplayNode().GetWindowLevelMax()
    assert volume.array.min() <= low < high <= volume.array.max()


@pytest.mark.parametrize("place", SERIES[:2])
def test_voxels_lie_where_slicer_itself_puts_those_of_the_file(
    scene: slicer.vtkMRMLScene, shared_data: Path, place: str
) -> None:
    (source,) = find_series(shared_data / place)
    node = add_volume(scene, read_series(source), "ours", "ours")
    loaded = slicer.modules.volumes.logic().AddArchetypeVolume(str(source.path), "Slicer's")
    # Slicer turns the slices of a left-handed file around.
    order = axis_order(SliceGrid(loaded).geometry, SliceGrid(node).geometry)
    assert order is not None
    np.testing.assert_array_equal(
        slicer.util.arrayFromVolume(node), order.apply(slicer.util.arrayFromVolume(loaded))
    )


def test_what_is_changed_in_the_scene_does_not_reach_the_series(
    scene: slicer.vtkMRMLScene,
) -> None:
    volume = made_volume()
    node = add_volume(scene, volume, "case", "case")
    slicer.util.arrayFromVolume(node)[:] = -1
    assert volume.array.min() == 0


def test_the_display_leaves_out_the_extremes(scene: slicer.vtkMRMLScene) -> None:
    volume = made_volume()
    display = add_volume(scene, volume, "case", "case").GetDisplayNode()
    assert not display.GetAutoWindowLevel()
    low, high = np.percentile(volume.array, (1, 99))
    assert display.GetWindowLevelMin() == pytest.approx(low)
    assert display.GetWindowLevelMax() == pytest.approx(high)


@pytest.mark.parametrize(
    ("bright", "low", "high"), [(0, -0.5, 0.5), (1, 0, 700)], ids=["all", "but one"]
)
def test_a_volume_of_one_intensity_is_displayed(
    scene: slicer.vtkMRMLScene, bright: int, low: float, high: float
) -> None:
    array = np.zeros((5, 6, 7), dtype=np.float32)
    array.flat[:bright] = 700
    display = add_volume(scene, Volume(array, made_volume().geometry), "a", "a").GetDisplayNode()
    assert display.GetWindowLevelMin() == pytest.approx(low)
    assert display.GetWindowLevelMax() == pytest.approx(high)
