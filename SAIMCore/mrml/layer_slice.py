"""One slice of a labelmap, to be written in place: on the volume's grid, or on a finer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import slicer

from SAIMCore.data.geometry import to_slices
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.labelmaps import Layer, grid_extent, grid_lattice, keeps_detail
from SAIMCore.mrml.oriented_images import (
    Lattice,
    Voxels,
    allocate,
    array_of,
    lattice_of,
    moved_extent,
    pad,
    same_lattice,
    values_on,
)

__all__ = ["LayerSlice", "layer_slice"]


@dataclass(frozen=True)
class LayerSlice:
    """``voxels`` (rows, columns) as they are; ``write`` takes what they shall be."""

    voxels: Voxels
    write: Callable[[Voxels], None]


def layer_slice(
    node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, slice_index: int, layer: Layer
) -> LayerSlice | None:
    """A slice of ``layer``, which grows to the grid, and to a type that holds its values.

    In a labelmap with finer voxels the detail stays where the slice does not change: of each pixel
    that does, all voxels in it change. None for a labelmap that can hold no such slice, because it
    lies on another lattice. Raises GeometryMismatchError as ``segment_on_slice`` does.
    """
    image, values = layer
    lattice = grid_lattice(node, grid)
    if image.IsEmpty():
        allocate(image, lattice, grid_extent(grid))
    on_grid = same_lattice(image, lattice)
    if not on_grid and not keeps_detail(image, lattice):
        return None
    if max(values.values()) > image.GetScalarTypeMax():
        slicer.vtkOrientedImageDataResample.CastImageForValue(image, max(values.values()))
    if on_grid:
        return _slice_on_grid(image, grid, slice_index)
    return _slice_of_finer(image, grid, slice_index, lattice)


def _slice_on_grid(
    image: slicer.vtkOrientedImageData, grid: SliceGrid, slice_index: int
) -> LayerSlice:
    pad(image, grid_extent(grid))
    extent = image.GetExtent()
    part = tuple(
        slice(-extent[2 * axis], grid.geometry.size[axis] - extent[2 * axis]) for axis in (2, 1, 0)
    )
    voxels = to_slices(array_of(image)[part], grid.axis)[slice_index]

    def write(wanted: Voxels) -> None:
        voxels[...] = wanted

    return LayerSlice(voxels, write)


def _slice_of_finer(
    image: slicer.vtkOrientedImageData, grid: SliceGrid, slice_index: int, lattice: Lattice
) -> LayerSlice:
    present = values_on(image, lattice, grid_extent(grid, slice_index))
    voxels = to_slices(present, grid.axis)[0]

    def write(wanted: Voxels) -> None:
        changed = wanted != voxels
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        in_plane = [axis for axis in (2, 1, 0) if axis != grid.axis]
        extent = grid_extent(grid, slice_index)
        for axis, found in zip(in_plane, (rows, columns), strict=True):
            extent[2 * axis : 2 * axis + 2] = int(found[0]), int(found[-1])
        fine = moved_extent(extent, np.linalg.inv(lattice_of(image)) @ lattice)
        pad(image, fine)
        own = image.GetExtent()
        part = tuple(
            slice(fine[2 * axis] - own[2 * axis], fine[2 * axis + 1] - own[2 * axis] + 1)
            for axis in (2, 1, 0)
        )
        numbers = _numbers_on(fine, np.linalg.inv(lattice) @ lattice_of(image))
        row, column = (numbers[axis] for axis in in_plane)
        inside = (numbers[grid.axis] == slice_index) & (row >= 0) & (column >= 0)
        inside &= (row < changed.shape[0]) & (column < changed.shape[1])
        inside[inside] = changed[row[inside], column[inside]]
        array_of(image)[part][inside] = wanted[row[inside], column[inside]]

    return LayerSlice(voxels, write)


def _numbers_on(extent: list[int], between: Lattice) -> list[Voxels]:
    """I, J and K of the voxels in which those of ``extent`` lie, each (K, J, I)."""
    k, j, i = np.meshgrid(
        *(np.arange(extent[2 * axis], extent[2 * axis + 1] + 1) for axis in (2, 1, 0)),
        indexing="ij",
        sparse=True,
    )
    return [
        np.floor(row[0] * i + row[1] * j + row[2] * k + row[3] + 0.5).astype(int)
        for row in between[:3]
    ]
