"""Surfaces are where the segments are, closed, and coarse enough to be turned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.mrml.geometry import SliceGrid
from SAIMWeb.surfaces import copy_layers, make_surfaces
from Testing.mrml.scenes import (
    DIRECTIONS,
    add_segmentation,
    add_volume,
    new_scene,
    paint,
)

SIZE = (40, 36, 12)
CENTER, RADII = (5, 17, 20), (3.4, 10.0, 12.0)


@pytest.fixture
def scene() -> Iterator[slicer.vtkMRMLScene]:
    with new_scene() as made:
        yield made


def ball(center: tuple[int, ...] = CENTER, radii: tuple[float, ...] = RADII) -> NDArray[np.bool_]:
    """(K, J, I)."""
    places = np.indices(SIZE[::-1])
    parts = [(axis - c) / r for axis, c, r in zip(places, center, radii, strict=True)]
    return sum(part**2 for part in parts) < 1


def points_of(surface: vtk.vtkPolyData) -> NDArray[np.float64]:
    return vtk_to_numpy(surface.GetPoints().GetData()).astype(float)


def test_a_surface_for_each_segment_that_holds_anything(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, SIZE)
    node = add_segmentation(scene, volume, "one", "two", "none")
    paint(node, "one", ball(), volume)
    # They overlap, so each has a layer of its own.
    paint(node, "two", ball((6, 20, 24)), volume)
    found = make_surfaces(copy_layers(node, ["one", "two", "none"]))
    assert set(found) == {"one", "two"}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_it_is_closed_where_the_segment_is_and_looks_outward(
    scene: slicer.vtkMRMLScene, name: str
) -> None:
    volume = add_volume(scene, SIZE, directions=DIRECTIONS[name])
    node = add_segmentation(scene, volume, "one")
    paint(node, "one", ball(), volume)
    surface = make_surfaces(copy_layers(node, ["one"]))["one"]
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    center = np.array(matrix.MultiplyPoint((*CENTER[::-1], 1)))[:3]
    np.testing.assert_allclose(points_of(surface).mean(axis=0), center, atol=0.5)
    mass = vtk.vtkMassProperties()
    mass.SetInputData(surface)
    voxels = int(ball().sum()) * float(np.prod(volume.GetSpacing()))
    # Smoothing takes a little of what is round.
    assert mass.GetVolume() == pytest.approx(voxels, rel=0.2)
    normals = vtk_to_numpy(surface.GetPointData().GetNormals())
    outward = np.einsum("ij,ij->i", normals, points_of(surface) - center)
    assert (outward > 0).mean() > 0.98
    edges = vtk.vtkFeatureEdges()
    edges.SetInputData(surface)
    edges.FeatureEdgesOff()
    edges.NonManifoldEdgesOff()
    edges.ManifoldEdgesOff()
    edges.Update()
    assert edges.GetOutput().GetNumberOfCells() == 0


def test_too_many_triangles_become_fewer_in_the_same_place(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, SIZE)
    node = add_segmentation(scene, volume, "one")
    paint(node, "one", ball(), volume)
    layers = copy_layers(node, ["one"])
    fine, coarse = (make_surfaces(layers, most)["one"] for most in (10**6, 500))
    assert coarse.GetNumberOfPolys() <= 500 < fine.GetNumberOfPolys()
    for pick in (np.min, np.max):
        difference = pick(points_of(fine), axis=0) - pick(points_of(coarse), axis=0)
        assert np.abs(difference).max() < 3


def test_what_reaches_the_border_is_closed_too(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, SIZE)
    node = add_segmentation(scene, volume, "one")
    paint(node, "one", np.ones(SIZE[::-1], bool), volume)
    surface = make_surfaces(copy_layers(node, ["one"]))["one"]
    grid = SliceGrid(volume)
    assert grid.position(points_of(surface).mean(axis=0)) is not None
    assert surface.GetNumberOfPolys() > 0


def test_later_edits_do_not_reach_the_copies(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, SIZE)
    node = add_segmentation(scene, volume, "one")
    paint(node, "one", ball(), volume)
    layers = copy_layers(node, ["one"])
    before = make_surfaces(layers)["one"].GetNumberOfPolys()
    slicer.util.arrayFromSegmentInternalBinaryLabelmap(node, "one")[:] = 0
    assert make_surfaces(layers)["one"].GetNumberOfPolys() == before
