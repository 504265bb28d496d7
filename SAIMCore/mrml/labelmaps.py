"""The labelmaps behind segments: their voxels on the grid of a source volume.

Segments that do not overlap usually share one labelmap (a layer), each with a value of its own.
Which ones do, their values, and the labelmaps' extents change with every edit and undo, so nothing
of it is kept here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.data.geometry import to_slices
from SAIMCore.errors import GeometryMismatchError, InvalidLabelmapError
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.matrices import array_from_matrix, matrix_from_array

__all__ = [
    "Layer",
    "among",
    "layers_of",
    "move_to_new_layer",
    "segment_on_slice",
    "whole_segment",
    "writable_slice",
]

LABELMAP = "Binary labelmap"
# Voxels that are that much smaller are lost on a coarser grid.
FINER = 0.98

# A labelmap and the values of those of the asked segments that share it, by segment ID.
Layer = tuple[slicer.vtkOrientedImageData, dict[str, int]]

Voxels = NDArray[np.integer]
Mask = NDArray[np.bool_]


def layers_of(node: slicer.vtkMRMLSegmentationNode, segment_ids: Iterable[str]) -> list[Layer]:
    """The layers in which ``segment_ids`` are, with their values there.

    Raises InvalidLabelmapError for a segment without labelmap (one made of a surface).
    """
    found: dict[slicer.vtkOrientedImageData, dict[str, int]] = {}
    for segment_id in segment_ids:
        segment = node.GetSegmentation().GetSegment(segment_id)
        image = segment.GetRepresentation(LABELMAP)
        if image is None:
            raise InvalidLabelmapError(
                f"the segment {segment.GetName()!r} has no voxels (it was made from a surface); "
                "create the binary labelmap in the module Segmentations"
            )
        found.setdefault(image, {})[segment_id] = segment.GetLabelValue()
    return list(found.items())


def segment_on_slice(
    node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, slice_index: int, segment_id: str
) -> Mask:
    """Mask (rows, columns) of a segment on a slice.

    Like all that follow, it raises what ``layers_of`` raises, and GeometryMismatchError when
    volume and segmentation are bent against each other: no grid of the one is one of the other.
    """
    ((image, values),) = layers_of(node, [segment_id])
    labels = _values_on(image, _grid_matrix(node, grid), _extent(grid, slice_index))
    mask: Mask = to_slices(labels, grid.axis)[0] == values[segment_id]
    return mask


def whole_segment(node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, segment_id: str) -> Mask:
    """Mask (S, rows, columns) of a segment on all slices."""
    ((image, values),) = layers_of(node, [segment_id])
    labels = _values_on(image, _grid_matrix(node, grid), _extent(grid))
    mask: Mask = to_slices(labels, grid.axis) == values[segment_id]
    return mask


def writable_slice(
    node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, slice_index: int, layer: Layer
) -> Voxels | None:
    """The voxels of ``layer`` on a slice (rows, columns), to be written in place.

    The labelmap grows to the grid where it is smaller, and to a type that holds its segments'
    values. None when it lies on another grid.
    """
    image, values = layer
    matrix = _grid_matrix(node, grid)
    if image.IsEmpty():
        _allocate(image, matrix, _extent(grid))
    elif not _same_lattice(image, matrix):
        return None
    if max(values.values()) > image.GetScalarTypeMax():
        slicer.vtkOrientedImageDataResample.CastImageForValue(image, max(values.values()))
    if not _contains(image, grid):
        slicer.vtkOrientedImageDataResample.PadImageToContainImage(
            image, _new_image(matrix, _extent(grid)), image
        )
    return to_slices(_on_grid(image, grid), grid.axis)[slice_index]


def among(voxels: Voxels, values: Iterable[int]) -> Mask:
    """Whether each voxel has one of ``values``; for 5 ``np.isin`` takes 27 times as long."""
    found = np.zeros(voxels.shape, dtype=bool)
    for value in values:
        found |= voxels == value
    return found


def move_to_new_layer(
    node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, segment_ids: Iterable[str]
) -> None:
    """Give ``segment_ids`` a layer of their own on the grid; what they hold stays (nearest voxel).

    The layer reaches as far as they did, beyond the volume, too. Other segments and their labelmaps
    do not change. Raises GeometryMismatchError where the grid is too coarse for what they hold.
    """
    matrix, old = _grid_matrix(node, grid), layers_of(node, segment_ids)
    extent = _extent(grid)
    for image, values in old:
        if not image.IsEmpty() and among(_array(image), values.values()).any():
            _check_resolution(node, image, matrix)
            extent = _union(extent, _extent_on(image, matrix))
    masks = {
        segment_id: _values_on(image, matrix, extent) == value
        for image, values in old
        for segment_id, value in values.items()
    }
    new = _new_image(matrix, extent)
    if len(masks) > np.iinfo(np.uint8).max:
        slicer.vtkOrientedImageDataResample.CastImageForValue(new, len(masks))
    for value, mask in enumerate(masks.values(), start=1):
        _array(new)[mask] = value
    for image, values in old:
        if not image.IsEmpty():
            remaining = vtk_to_numpy(image.GetPointData().GetScalars())
            remaining[among(remaining, values.values())] = 0
            image.GetPointData().GetScalars().Modified()
    for value, segment_id in enumerate(masks, start=1):
        segment = node.GetSegmentation().GetSegment(segment_id)
        segment.AddRepresentation(LABELMAP, new)
        segment.SetLabelValue(value)


def _grid_matrix(node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid) -> NDArray[np.float64]:
    between = vtk.vtkMatrix4x4()
    source, target = grid.volume.GetParentTransformNode(), node.GetParentTransformNode()
    if source is not target and not slicer.vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(
        source, target, between
    ):
        raise GeometryMismatchError(
            f"the volume {grid.volume.GetName()!r} is bent against the segmentation "
            f"{node.GetName()!r}; put both under the same transform, or harden it"
        )
    return array_from_matrix(between) @ grid.ijk_to_ras


def _extent(grid: SliceGrid, slice_index: int | None = None) -> list[int]:
    """First and last I, J and K of a volume, or of one slice of it."""
    extent = [bound for count in grid.geometry.size for bound in (0, count - 1)]
    if slice_index is not None:
        extent[2 * grid.axis : 2 * grid.axis + 2] = slice_index, slice_index
    return extent


def _extent_on(image: slicer.vtkOrientedImageData, matrix: NDArray[np.float64]) -> list[int]:
    """The extent that an image's voxels have on another lattice, all of them included."""
    own = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(own)
    bounds = np.array(image.GetExtent()).reshape(3, 2) + np.array([-0.5, 0.5])
    corners = np.array([[*corner, 1] for corner in itertools.product(*bounds)])
    placed = (np.linalg.inv(matrix) @ array_from_matrix(own) @ corners.T)[:3]
    # Within rounding, a voxel that only touches is none.
    first = np.floor(placed.min(axis=1) + 0.5 + 1e-3).astype(int)
    last = np.ceil(placed.max(axis=1) - 0.5 - 1e-3).astype(int)
    return [int(bound) for pair in zip(first, last, strict=True) for bound in pair]


def _union(extent: Sequence[int], other: Sequence[int]) -> list[int]:
    return [
        (min, max)[number % 2](pair) for number, pair in enumerate(zip(extent, other, strict=True))
    ]


def _check_resolution(
    node: slicer.vtkMRMLSegmentationNode,
    image: slicer.vtkOrientedImageData,
    matrix: NDArray[np.float64],
) -> None:
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    if np.prod(image.GetSpacing()) < FINER * np.prod(spacing):
        raise GeometryMismatchError(
            f"the segmentation {node.GetName()!r} has finer voxels than the source volume "
            f"({_times(image.GetSpacing())} mm, {_times(spacing)} mm) and would lose detail; "
            "choose the volume on which it was made, or a new segmentation"
        )


def _times(values: Iterable[float]) -> str:
    return " x ".join(f"{value:.3g}" for value in values)


def _new_image(matrix: NDArray[np.float64], extent: list[int]) -> slicer.vtkOrientedImageData:
    image = slicer.vtkOrientedImageData()
    _allocate(image, matrix, extent)
    return image


def _allocate(
    image: slicer.vtkOrientedImageData, matrix: NDArray[np.float64], extent: list[int]
) -> None:
    """Make ``image`` one of zeros, in bytes."""
    image.SetImageToWorldMatrix(matrix_from_array(matrix))
    image.SetExtent(extent)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    image.GetPointData().GetScalars().Fill(0)


def _same_lattice(image: slicer.vtkOrientedImageData, matrix: NDArray[np.float64]) -> bool:
    """Whether the image's voxels with the same numbers lie at the same places."""
    own = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(own)
    return bool(np.allclose(array_from_matrix(own), matrix, rtol=0, atol=1e-3))


def _contains(image: slicer.vtkOrientedImageData, grid: SliceGrid) -> bool:
    extent = image.GetExtent()
    return all(
        extent[2 * axis] <= 0 and extent[2 * axis + 1] >= count - 1
        for axis, count in enumerate(grid.geometry.size)
    )


def _array(image: slicer.vtkOrientedImageData) -> Voxels:
    """The voxels (K, J, I) of an image's own extent, not a copy."""
    shape = tuple(reversed(image.GetDimensions()))
    voxels: Voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape)
    return voxels


def _on_grid(image: slicer.vtkOrientedImageData, grid: SliceGrid) -> Voxels:
    """The part (K, J, I) of an image that contains the grid."""
    extent = image.GetExtent()
    parts = tuple(
        slice(-extent[2 * axis], grid.geometry.size[axis] - extent[2 * axis]) for axis in (2, 1, 0)
    )
    return _array(image)[parts]


def _values_on(
    image: slicer.vtkOrientedImageData, matrix: NDArray[np.float64], extent: list[int]
) -> Voxels:
    """The voxels (K, J, I) of ``image`` on a grid, 0 outside of it; a view where that suffices."""
    if image.IsEmpty():
        return np.zeros([extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0)], "u1")
    if _same_lattice(image, matrix):
        return _cut_out(_array(image), image.GetExtent(), extent)
    resampled = slicer.vtkOrientedImageData()
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, _new_image(matrix, extent), resampled
    )
    return _array(resampled)


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
