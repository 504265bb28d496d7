"""Surfaces of segments to be looked at, made of copies of their voxels in any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import numpy_to_vtk

from SAIMCore.mrml.labelmaps import layers_of
from SAIMCore.mrml.matrices import matrix_from_array
from SAIMCore.mrml.oriented_images import Lattice, Voxels, array_of, lattice_of

__all__ = ["CopiedLayer", "copy_layers", "make_surfaces"]

# Drawn in software, more than that cannot be turned smoothly.
MOST_TRIANGLES = 200_000
# Axes are made coarser together when their voxels' sizes differ by less.
ALIKE = 1.5


@dataclass(frozen=True)
class CopiedLayer:
    """Voxels (K, J, I) on ``lattice`` from the voxel ``first`` (I, J, K) on; values by segment."""

    voxels: Voxels
    lattice: Lattice
    first: tuple[int, int, int]
    values: dict[str, int]


def copy_layers(
    node: slicer.vtkMRMLSegmentationNode, segment_ids: Sequence[str]
) -> list[CopiedLayer]:
    """What the segments hold now; in the thread that owns the scene.

    Raises InvalidLabelmapError for a segment without labelmap.
    """
    found = []
    for image, values in layers_of(node, segment_ids):
        if image.GetPointData().GetScalars() is not None:
            first = tuple(image.GetExtent()[::2])
            found.append(CopiedLayer(array_of(image).copy(), lattice_of(image), first, values))
    return found


def make_surfaces(
    layers: Sequence[CopiedLayer], most_triangles: int = MOST_TRIANGLES
) -> dict[str, vtk.vtkPolyData]:
    """A smoothed surface (mm, as the lattices say) for each segment that holds anything, by its ID.

    VTK lets go of Python while it works, so that the program's other threads go on: the longest
    pause was 12 ms in 0.7 s for 4 segments of 512 x 512 x 60.
    """
    surfaces = {}
    for layer in layers:
        for segment_id, value in layer.values.items():
            inside = layer.voxels == value
            if inside.any():
                surfaces[segment_id] = _surface(inside, layer.lattice, layer.first, most_triangles)
    return surfaces


def _surface(
    inside: NDArray[np.bool_], lattice: Lattice, first: Sequence[int], most_triangles: int
) -> vtk.vtkPolyData:
    """The surface around ``inside`` (K, J, I), coarser where it would have too many triangles."""
    box = [_reach(inside, axis) for axis in range(3)]
    inside = inside[tuple(box)]
    corner = np.array(first) + [along.start for along in reversed(box)]
    sizes = np.linalg.norm(lattice[:3, :3], axis=0)
    steps = np.ones(3, dtype=int)
    while True:
        i, j, k = steps
        around = _net(inside[::k, ::j, ::i])
        if around.GetNumberOfPolys() <= most_triangles:
            return _placed(around, lattice, corner, steps)
        along = sizes * steps
        steps = np.where(along < ALIKE * along.min(), 2 * steps, steps)


def _reach(inside: NDArray[np.bool_], axis: int) -> slice:
    """From the first to the last of what is inside along an axis."""
    others = tuple(other for other in range(3) if other != axis)
    (places,) = np.nonzero(inside.any(axis=others))
    return slice(int(places[0]), int(places[-1]) + 1)


def _net(inside: NDArray[np.bool_]) -> vtk.vtkPolyData:
    """The surface in voxel numbers of ``inside`` with one voxel of nothing around it."""
    padded = np.pad(inside, 1).astype(np.uint8)
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(padded.shape))
    image.GetPointData().SetScalars(numpy_to_vtk(padded.ravel()))
    net = vtk.vtkSurfaceNets3D()
    net.SetInputData(image)
    net.SetValue(0, 1)
    net.SetOutputMeshTypeToTriangles()
    net.Update()
    return net.GetOutput()


def _placed(
    around: vtk.vtkPolyData, lattice: Lattice, corner: NDArray[Any], steps: NDArray[Any]
) -> vtk.vtkPolyData:
    """``around`` in the world, with what its light needs."""
    to_voxels = np.diag([*steps, 1.0])
    to_voxels[:3, 3] = corner - steps
    transform = vtk.vtkTransform()
    transform.SetMatrix(matrix_from_array(lattice @ to_voxels))
    placed = vtk.vtkTransformPolyDataFilter()
    placed.SetInputData(around)
    placed.SetTransform(transform)
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(placed.GetOutputPort())
    normals.SplittingOff()
    # A lattice of the left hand turns surfaces inside out.
    normals.SetFlipNormals(bool(np.linalg.det(lattice[:3, :3]) < 0))
    normals.Update()
    return normals.GetOutput()
