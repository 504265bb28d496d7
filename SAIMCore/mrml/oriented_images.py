"""Voxels on lattices: Slicer's oriented images, their numbers, extents and values elsewhere.

A lattice is a matrix (4 x 4) from voxel numbers to the world; an extent is the first and last I, J
and K, and may reach below 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.mrml.matrices import array_from_matrix, matrix_from_array

__all__ = [
    "Lattice",
    "Voxels",
    "allocate",
    "array_of",
    "extent_on",
    "lattice_of",
    "moved_extent",
    "new_image",
    "pad",
    "same_lattice",
    "union_of",
    "values_on",
]

Lattice = NDArray[np.float64]
Voxels = NDArray[np.integer]


def new_image(lattice: Lattice, extent: Sequence[int]) -> slicer.vtkOrientedImageData:
    """An image of zeros, in bytes."""
    image = slicer.vtkOrientedImageData()
    allocate(image, lattice, extent)
    return image


def allocate(image: slicer.vtkOrientedImageData, lattice: Lattice, extent: Sequence[int]) -> None:
    """Make ``image`` one of zeros, in bytes."""
    image.SetImageToWorldMatrix(matrix_from_array(lattice))
    image.SetExtent(list(extent))
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    image.GetPointData().GetScalars().Fill(0)


def pad(image: slicer.vtkOrientedImageData, extent: Sequence[int]) -> None:
    """Let ``image`` reach at least as far as ``extent``; what is new is 0."""
    wanted = union_of(image.GetExtent(), extent)
    if wanted != list(image.GetExtent()):
        slicer.vtkOrientedImageDataResample.PadImageToContainImage(
            image, new_image(lattice_of(image), wanted), image
        )


def array_of(image: slicer.vtkOrientedImageData) -> Voxels:
    """The voxels (K, J, I) of an image's own extent, not a copy."""
    shape = tuple(reversed(image.GetDimensions()))
    voxels: Voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape)
    return voxels


def lattice_of(image: slicer.vtkOrientedImageData) -> Lattice:
    """The lattice on which an image's voxels lie."""
    own = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(own)
    return array_from_matrix(own)


def same_lattice(image: slicer.vtkOrientedImageData, lattice: Lattice) -> bool:
    """Whether the image's voxels with the same numbers lie at the same places."""
    return bool(np.allclose(lattice_of(image), lattice, rtol=0, atol=1e-3))


def extent_on(image: slicer.vtkOrientedImageData, lattice: Lattice) -> list[int]:
    """The extent that an image's voxels have on another lattice, all of them included."""
    return moved_extent(image.GetExtent(), np.linalg.inv(lattice) @ lattice_of(image))


def moved_extent(extent: Sequence[int], between: Lattice) -> list[int]:
    """The extent on a lattice to which ``between`` (4 x 4) leads, all voxels included."""
    bounds = np.array(extent).reshape(3, 2) + np.array([-0.5, 0.5])
    corners = np.array([[*corner, 1] for corner in itertools.product(*bounds)])
    placed = (between @ corners.T)[:3]
    # Within rounding, a voxel that only touches is none.
    first = np.floor(placed.min(axis=1) + 0.5 + 1e-3).astype(int)
    last = np.ceil(placed.max(axis=1) - 0.5 - 1e-3).astype(int)
    return [int(bound) for pair in zip(first, last, strict=True) for bound in pair]


def union_of(extent: Sequence[int], other: Sequence[int]) -> list[int]:
    """The smallest extent that contains both."""
    return [
        (min, max)[number % 2](pair) for number, pair in enumerate(zip(extent, other, strict=True))
    ]


def values_on(
    image: slicer.vtkOrientedImageData, lattice: Lattice, extent: Sequence[int]
) -> Voxels:
    """The voxels (K, J, I) of ``image`` on a lattice (the nearest ones), 0 outside of it.

    A view where that suffices.
    """
    if image.IsEmpty():
        return np.zeros([extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0)], "u1")
    if same_lattice(image, lattice):
        return _cut_out(array_of(image), image.GetExtent(), extent)
    resampled = slicer.vtkOrientedImageData()
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, new_image(lattice, extent), resampled
    )
    return array_of(resampled)


def _cut_out(voxels: Voxels, own: Sequence[int], wanted: Sequence[int]) -> Voxels:
    """Voxels of the extent ``wanted`` from those of the extent ``own``, 0 where there are none."""
    source, place, shape = [], [], []
    for axis in (2, 1, 0):
        low, high = wanted[2 * axis : 2 * axis + 2]
        first, last = max(low, own[2 * axis]), min(high, own[2 * axis + 1])
        source.append(slice(first - own[2 * axis], max(first, last + 1) - own[2 * axis]))
        place.append(slice(first - low, max(first, last + 1) - low))
        shape.append(high - low + 1)
    if all(part.stop - part.start == count for part, count in zip(place, shape, strict=True)):
        return voxels[tuple(source)]
    found = np.zeros(shape, dtype=voxels.dtype)
    found[tuple(place)] = voxels[tuple(source)]
    return found
