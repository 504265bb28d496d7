"""What the segments of the classes hold: one mask per class, exactly, or labels made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.labelmaps import layers_of, segment_on_slice, whole_segment

__all__ = ["labels_of", "pack", "read_series", "read_slice", "state_of", "unpack"]

Masks = NDArray[np.bool_]
# Masks of a slice with 8 pixels to a byte, (classes, bytes): a step of the undo history keeps two.
Packed = NDArray[np.uint8]


def read_slice(segments: ClassSegments, grid: SliceGrid, slice_index: int) -> Masks:
    """Masks (N - 1, rows, columns) of the classes 1 to N - 1 on a slice."""
    masks = np.zeros((len(segments.classes) - 1, *grid.shape[1:]), dtype=bool)
    for class_index, segment_id in segments.ids.items():
        masks[class_index - 1] = segment_on_slice(segments.node, grid, slice_index, segment_id)
    return masks


def read_series(segments: ClassSegments, grid: SliceGrid) -> Packed:
    """The masks of all slices, packed: (S, N - 1, bytes)."""
    slices, rows, columns = grid.shape
    packed = np.zeros((slices, len(segments.classes) - 1, -(-rows * columns // 8)), np.uint8)
    for class_index, segment_id in segments.ids.items():
        mask = whole_segment(segments.node, grid, segment_id)
        packed[:, class_index - 1] = np.packbits(mask.reshape(slices, -1), axis=1)
    return packed


def pack(masks: Masks) -> Packed:
    """``masks`` (classes, rows, columns) as (classes, bytes)."""
    return np.packbits(masks.reshape(len(masks), -1), axis=1)


def unpack(packed: Packed, shape: tuple[int, int]) -> Masks:
    """The masks (classes, rows, columns) that ``pack`` got, with rows and columns ``shape``."""
    pixels = np.unpackbits(packed, axis=1, count=shape[0] * shape[1])
    return pixels.view(bool).reshape(-1, *shape)


def labels_of(segments: ClassSegments, masks: Masks) -> NDArray[np.uint8]:
    """Class indices (rows, columns) of the masks of a slice; what is in none is background.

    Where a class lies within another the inner one counts; where others overlap the later one.
    """
    labels = np.zeros(masks.shape[1:], dtype=np.uint8)
    for class_index in sorted(segments.classes.foreground, key=segments.depth):
        labels[masks[class_index - 1]] = class_index
    return labels


def state_of(segments: ClassSegments) -> tuple[object, ...]:
    """Something that is another thing after any change to the classes' segments.

    Reading all voxels takes 13 ms for 4 classes of 512 x 512 x 60, this 0.02 ms.
    """
    return tuple(
        (image, image.GetMTime(), image.GetPointData().GetMTime(), tuple(values.items()))
        for image, values in layers_of(segments.node, segments.ids.values())
    )
