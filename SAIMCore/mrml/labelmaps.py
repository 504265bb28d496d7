"""The labelmaps behind segments: their voxels on the grid of a source volume.

Segments that do not overlap usually share one labelmap (a layer), each with a value of its own.
Which ones do, their values, and the labelmaps' extents change with every edit and undo, so nothing
of it is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SAIMCore.data.geometry import to_slices
from SAIMCore.errors import GeometryMismatchError, InvalidLabelmapError
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.matrices import array_from_matrix
from SAIMCore.mrml.oriented_images import (
    Lattice,
    Voxels,
    array_of,
    extent_on,
    lattice_of,
    new_image,
    union_of,
    values_on,
)

__all__ = [
    "Layer",
    "among",
    "grid_extent",
    "grid_lattice",
    "keeps_detail",
    "layers_of",
    "move_to_new_layer",
    "segment_on_slice",
    "whole_segment",
]

LABELMAP = "Binary labelmap"
# Voxels that are that much smaller are lost on a coarser grid.
FINER = 0.98

# A labelmap and the values of those of the asked segments that share it, by segment ID.
Layer = tuple[slicer.vtkOrientedImageData, dict[str, int]]

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
    labels = values_on(image, grid_lattice(node, grid), grid_extent(grid, slice_index))
    mask: Mask = to_slices(labels, grid.axis)[0] == values[segment_id]
    return mask


def whole_segment(node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, segment_id: str) -> Mask:
    """Mask (S, rows, columns) of a segment on all slices."""
    ((image, values),) = layers_of(node, [segment_id])
    labels = values_on(image, grid_lattice(node, grid), grid_extent(grid))
    mask: Mask = to_slices(labels, grid.axis) == values[segment_id]
    return mask


def grid_lattice(node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid) -> Lattice:
    """The lattice of ``grid`` as the segmentation's labelmaps see it."""
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


def grid_extent(grid: SliceGrid, slice_index: int | None = None) -> list[int]:
    """First and last I, J and K of a volume, or of one slice of it."""
    extent = [bound for count in grid.geometry.size for bound in (0, count - 1)]
    if slice_index is not None:
        extent[2 * grid.axis : 2 * grid.axis + 2] = slice_index, slice_index
    return extent


def among(voxels: Voxels, values: Iterable[int]) -> Mask:
    """Whether each voxel has one of ``values``; for 5 ``np.isin`` takes 27 times as long."""
    found = np.zeros(voxels.shape, dtype=bool)
    for value in values:
        found |= voxels == value
    return found


def keeps_detail(image: slicer.vtkOrientedImageData, lattice: Lattice) -> bool:
    """Whether a labelmap is finer than ``lattice``, and every voxel there holds one of its own.

    What it holds would be lost there, and what is written there it can hold as well.
    """
    finer = np.prod(image.GetSpacing()) < FINER * np.prod(_spacing(lattice))
    # How far a voxel of the labelmap reaches, in voxels of the lattice.
    reach = np.abs(np.linalg.inv(lattice) @ lattice_of(image))[:3, :3].sum(axis=1)
    return bool(finer and (reach <= 1 + 1e-3).all())


def move_to_new_layer(
    node: slicer.vtkMRMLSegmentationNode, grid: SliceGrid, segment_ids: Iterable[str]
) -> None:
    """Give ``segment_ids`` a layer of their own on the grid; what they hold stays (nearest voxel).

    The layer reaches as far as they did, beyond the volume, too. Segments that have finer voxels
    (``keeps_detail``) get one on their own lattice. Other segments and their labelmaps do not
    change. Raises GeometryMismatchError for segments that have finer voxels in some directions and
    coarser ones in others: what they hold would be lost.
    """
    lattice = grid_lattice(node, grid)
    on_grid = []
    for layer in layers_of(node, segment_ids):
        image, _ = layer
        if not image.IsEmpty() and keeps_detail(image, lattice):
            _move(node, [layer], lattice_of(image), image.GetExtent())
        else:
            on_grid.append(layer)
    extent: Sequence[int] = grid_extent(grid)
    for image, values in on_grid:
        if not image.IsEmpty() and among(array_of(image), values.values()).any():
            _check_resolution(node, image, lattice)
            extent = union_of(extent, extent_on(image, lattice))
    if on_grid:
        _move(node, on_grid, lattice, extent)


def _move(
    node: slicer.vtkMRMLSegmentationNode,
    layers: Sequence[Layer],
    lattice: Lattice,
    extent: Sequence[int],
) -> None:
    """Give the segments of ``layers`` a new one together."""
    masks = {
        segment_id: values_on(image, lattice, extent) == value
        for image, values in layers
        for segment_id, value in values.items()
    }
    new = new_image(lattice, extent)
    if len(masks) > np.iinfo(np.uint8).max:
        slicer.vtkOrientedImageDataResample.CastImageForValue(new, len(masks))
    for value, mask in enumerate(masks.values(), start=1):
        array_of(new)[mask] = value
    for image, values in layers:
        if not image.IsEmpty():
            remaining = array_of(image)
            remaining[among(remaining, values.values())] = 0
            image.GetPointData().GetScalars().Modified()
    for value, segment_id in enumerate(masks, start=1):
        segment = node.GetSegmentation().GetSegment(segment_id)
        segment.AddRepresentation(LABELMAP, new)
        segment.SetLabelValue(value)


def _check_resolution(
    node: slicer.vtkMRMLSegmentationNode, image: slicer.vtkOrientedImageData, lattice: Lattice
) -> None:
    spacing = _spacing(lattice)
    if np.prod(image.GetSpacing()) < FINER * np.prod(spacing):
        raise GeometryMismatchError(
            f"the segmentation {node.GetName()!r} has finer voxels than the source volume "
            f"({_times(image.GetSpacing())} mm, {_times(spacing)} mm) and would lose detail; "
            "choose the volume on which it was made, or a new segmentation"
        )


def _spacing(lattice: Lattice) -> NDArray[np.float64]:
    """The distance of voxels along I, J and K, in mm."""
    spacing: NDArray[np.float64] = np.linalg.norm(lattice[:3, :3], axis=0)
    return spacing


def _times(values: Iterable[float]) -> str:
    return " x ".join(f"{value:.3g}" for value in values)
