"""What the segments of the classes hold of a whole series, as one labelmap and back."""

from __future__ import annotations

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.data.geometry import from_slices, to_slices
from SAIMCore.errors import InvalidLabelmapError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.slice_reader import labels_of, read_series, unpack
from SAIMCore.mrml.slice_writer import SliceWriter

__all__ = ["fill_segments", "labels_of_series"]


def labels_of_series(segments: ClassSegments, grid: SliceGrid) -> NDArray[np.uint8]:
    """Class indices (K, J, I) of what the segments hold on the grid (``labels_of``).

    Raises InvalidLabelmapError for a segment that was made from a surface, GeometryMismatchError
    where volume and segmentation are bent against each other.
    """
    packed, pixels = read_series(segments, grid), grid.shape[1:]
    stack = np.stack([labels_of(segments, unpack(masks, pixels)) for masks in packed])
    return np.ascontiguousarray(from_slices(stack, grid.axis))


def fill_segments(segments: ClassSegments, grid: SliceGrid, labels: NDArray[np.uint8]) -> None:
    """Make the segments show ``labels`` (K, J, I) of class indices.

    Raises InvalidLabelmapError when they do not fit the grid or the classes, or when the segments
    hold something, which would be lost, and what ``labels_of_series`` raises.
    """
    name = segments.node.GetName()
    if labels.shape != grid.geometry.array_shape or int(labels.max()) >= len(segments.classes):
        raise InvalidLabelmapError(
            f"labels of shape {labels.shape} with classes up to {int(labels.max())} do not fit "
            f"{name!r}, which has shape {grid.geometry.array_shape} and classes up to "
            f"{len(segments.classes) - 1}; read them with the series and the classes of this one"
        )
    if read_series(segments, grid).any():
        raise InvalidLabelmapError(
            f"the segments of {name!r} hold something, which other labels would replace; clear "
            "them first"
        )
    writer = SliceWriter(segments, grid, EditRules(segments, None))
    with slicer.util.NodeModify(segments.node):
        for index, shown in enumerate(to_slices(labels, grid.axis)):
            if shown.any():
                structures = [
                    segments.classes.structure(shown, number)
                    for number in segments.classes.foreground
                ]
                writer.restore(index, np.stack(structures))
