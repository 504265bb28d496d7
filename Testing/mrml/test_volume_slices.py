"""A volume in the scene gives the network what its file gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import slicer
import vtk

from SAIMCore.data.cache import SeriesCache
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.sources import find_series
from SAIMCore.errors import InvalidImageError
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.volume_slices import volume_slices
from Testing.mrml.scenes import add_volume


def load(scene: slicer.vtkMRMLScene, path: Path) -> slicer.vtkMRMLScalarVolumeNode:
    """As Slicer loads it (``slicer.util.loadVolume`` needs the application)."""
    node = slicer.modules.volumes.logic().AddArchetypeVolume(str(path), path.stem)
    assert node is not None
    return node


@pytest.mark.parametrize("bias_correction", [False, True])
def test_the_scene_and_the_file_give_the_same_slices(
    scene: slicer.vtkMRMLScene, tmp_path: Path, bias_correction: bool
) -> None:
    phantom = make_phantom(tmp_path / "phantom", 4, size=(40, 36, 6))
    options = PreprocessingOptions(bias_correction=bias_correction)
    cache = SeriesCache(tmp_path / "cache")
    sources = find_series(phantom.images)
    assert len(sources) == 4
    for source in sources:
        expected = cache.series(source, options)
        grid = SliceGrid(load(scene, source.files[0]))
        assert grid.geometry.difference(expected.geometry) is None
        assert grid.axis == expected.geometry.acquisition_axis
        found = volume_slices(grid, options)()
        assert found.dtype == expected.slices.dtype
        np.testing.assert_array_equal(found, expected.slices)


def test_what_happens_to_the_volume_afterwards_does_not_matter(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene)
    prepare = volume_slices(SliceGrid(volume), PreprocessingOptions())
    expected = prepare()
    slicer.util.arrayFromVolume(volume)[:] = 0
    scene.RemoveNode(volume)
    np.testing.assert_array_equal(prepare(), expected)


def test_voxels_that_are_no_numbers_are_refused(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene)
    values = slicer.util.arrayFromVolume(volume).astype(np.float32)
    values[1, 2, 3] = np.nan
    slicer.util.updateVolumeFromArray(volume, values)
    with pytest.raises(InvalidImageError, match="voxels that are no numbers"):
        volume_slices(SliceGrid(volume), PreprocessingOptions())


def test_several_channels_are_refused(scene: slicer.vtkMRMLScene) -> None:
    volume = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "color")
    image = vtk.vtkImageData()
    image.SetDimensions(5, 4, 3)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    volume.SetAndObserveImageData(image)
    with pytest.raises(InvalidImageError, match="'color' has 3 channels"):
        volume_slices(SliceGrid(volume), PreprocessingOptions())


def test_a_single_slice_is_refused(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, (8, 8, 1))
    with pytest.raises(InvalidImageError, match="8 x 8 x 1 voxels"):
        volume_slices(SliceGrid(volume), PreprocessingOptions())


def test_geometry_is_that_of_simpleitk(scene: slicer.vtkMRMLScene, tmp_path: Path) -> None:
    phantom = make_phantom(tmp_path / "phantom", 4, size=(20, 18, 5))
    for path in sorted(phantom.images.iterdir()):
        node = load(scene, path)
        difference = SliceGrid(node).geometry.difference(
            Geometry.from_image(sitk.ReadImage(str(path)))
        )
        assert difference is None
