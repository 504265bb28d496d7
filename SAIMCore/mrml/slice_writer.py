"""The one writer of segments: the labels of a slice into the segments of their classes.

It writes straight into the shared labelmaps, because Slicer's own way of modifying segments takes
20 to 450 ms for the classes of a slice (measured for 512 x 512 x 60 voxels) and this 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.errors import InvalidLabelmapError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.labelmaps import (
    Layer,
    among,
    layers_of,
    move_to_new_layer,
    segment_on_slice,
)
from SAIMCore.mrml.layer_slice import layer_slice
from SAIMCore.mrml.oriented_images import Voxels

__all__ = ["SliceWriter"]

Mask = NDArray[np.bool_]
# By class index: where the class may not change; None where it may everywhere.
Closed = dict[int, Mask | None]
# From the voxels of a layer and the values of the written classes there (by class index) to the new
# voxels; None when they cannot be in one layer.
Change = Callable[[Voxels, dict[int, int]], Voxels | None]


class SliceWriter:
    """Writes slices of ``grid`` into the segments of ``segments``, as ``rules`` allow.

    Of a class that encloses others (``ClassTable.members``) the segment gets the union. Segments of
    no class, locked ones, and hidden ones where hidden ones are protected keep every voxel; other
    slices never change.
    """

    def __init__(self, segments: ClassSegments, grid: SliceGrid, rules: EditRules) -> None:
        self._segments = segments
        self._grid = grid
        self._rules = rules

    def write(
        self,
        slice_index: int,
        labels: NDArray[np.uint8],
        before_change: Callable[[], object] | None = None,
    ) -> bool:
        """Make the segments show ``labels`` (rows, columns) of class indices on a slice.

        Missing segments are made. ``before_change`` is called before the first voxel changes, and
        not at all when none does. Returns whether a voxel changed. Raises InvalidLabelmapError for
        labels of another shape, GeometryMismatchError where the volume is bent against the
        segmentation, ConfigurationError for a mask setting that is not known.
        """
        if labels.shape != self._grid.shape[1:]:
            raise InvalidLabelmapError(
                f"labels of shape {labels.shape} do not fit the slices of "
                f"{self._grid.volume.GetName()!r}, which have {self._grid.shape[1:]}"
            )
        ids = self._segments.ensure()
        written = {index: name for index, name in ids.items() if not self._rules.kept(name)}
        closed = self._closed(slice_index, written)
        self._make_room()

        def merged(voxels: Voxels, values: dict[int, int]) -> Voxels | None:
            return _merged(voxels, labels, values, closed, self._segments.classes)

        return self._write_layers(slice_index, written.values(), merged, before_change)

    def restore(self, slice_index: int, masks: Mask) -> bool:
        """Make the segments hold ``masks`` (N - 1, rows, columns) on a slice, whatever the rules.

        For undo: masks as ``read_slice`` gives them. Returns whether a voxel changed. Raises
        GeometryMismatchError as ``write`` does.
        """

        def replaced(voxels: Voxels, values: dict[int, int]) -> Voxels | None:
            return _replaced(voxels, masks, values)

        return self._write_layers(slice_index, self._segments.ensure().values(), replaced)

    def _closed(self, slice_index: int, written: dict[int, str]) -> Closed:
        """Where each written class may not change on the slice; None where it may everywhere."""
        node, grid, classes = self._segments.node, self._grid, self._segments.classes
        editable = self._rules.editable(grid, slice_index)
        everywhere = None if editable is None else ~editable
        class_of = {name: index for index, name in self._segments.ids.items()}
        within: dict[int, list[Mask]] = defaultdict(list)
        for name in node.GetSegmentation().GetSegmentIDs():
            if name in written.values() or not self._rules.not_to_overlap(name):
                continue
            mask = segment_on_slice(node, grid, slice_index, name)
            if class_of.get(name) is None:
                everywhere = mask if everywhere is None else everywhere | mask
            else:
                # Classes that lie within each other overlap by nature.
                for index in written:
                    if not _nested(classes, index, class_of[name]):
                        within[index].append(mask)
        return {
            index: everywhere
            if not within[index]
            else np.any([*within[index], *([] if everywhere is None else [everywhere])], axis=0)
            for index in written
        }

    def _make_room(self) -> None:
        """Classes that may overlap because one lies within the other need different layers."""
        class_of = {name: index for index, name in self._segments.ids.items()}
        for _, values in layers_of(self._segments.node, class_of):
            by_depth = defaultdict(list)
            for name in values:
                by_depth[self._segments.depth(class_of[name])].append(name)
            for depth in sorted(by_depth)[1:]:
                move_to_new_layer(self._segments.node, self._grid, by_depth[depth])

    def _write_layers(
        self,
        slice_index: int,
        segment_ids: Iterable[str],
        change: Change,
        before_change: Callable[[], object] | None = None,
    ) -> bool:
        node = self._segments.node
        changed = False
        with slicer.util.NodeModify(node):
            waiting = layers_of(node, segment_ids)
            while waiting:
                layer = waiting.pop()
                image, values = layer
                found = layer_slice(node, self._grid, slice_index, layer)
                result = None if found is None else change(found.voxels, self._by_class(values))
                if found is None or result is None:
                    waiting += self._set_apart(layer)
                elif (result != found.voxels).any():
                    if before_change is not None and not changed:
                        before_change()
                    changed = True
                    found.write(result)
                    self._notify(image, values)
        return changed

    def _by_class(self, values: dict[str, int]) -> dict[int, int]:
        """Values of a layer by class index instead of by segment ID."""
        return {index: values[name] for index, name in self._segments.ids.items() if name in values}

    def _set_apart(self, layer: Layer) -> list[Layer]:
        """The new layers of segments whose layer is on another grid, or in which others are."""
        _, values = layer
        # Where there are no others they are in each other's way, and each gets a layer.
        apart = [[name] for name in values] if self._without_others(layer) else [list(values)]
        for names in apart:
            move_to_new_layer(self._segments.node, self._grid, names)
        return layers_of(self._segments.node, values)

    def _notify(self, image: slicer.vtkOrientedImageData, segment_ids: Iterable[str]) -> None:
        # The scalars' time is what undo looks at, the segment's what views do.
        image.GetPointData().GetScalars().Modified()
        image.Modified()
        for segment_id in segment_ids:
            self._segments.node.GetSegmentation().GetSegment(segment_id).Modified()

    def _without_others(self, layer: Layer) -> bool:
        """Whether a writable layer holds several segments, and only those that are written."""
        node, (image, values) = self._segments.node, layer
        if len(values) == 1 or layer_slice(node, self._grid, 0, layer) is None:
            return False
        everything = layers_of(node, node.GetSegmentation().GetSegmentIDs())
        return next(held for other, held in everything if other is image).keys() == values.keys()


def _merged(
    voxels: Voxels,
    labels: NDArray[np.uint8],
    values: dict[int, int],
    closed: Closed,
    classes: ClassTable,
) -> Voxels | None:
    """``voxels`` of a layer with ``labels`` in them; ``values`` are those of the classes there.

    None where a class would cover a voxel that belongs to another segment of the same layer.
    """
    wanted_of = np.zeros(len(classes), dtype=voxels.dtype)
    for class_index, value in values.items():
        wanted_of[list(classes.members(class_index))] = value
    wanted = wanted_of[labels]
    free = among(voxels, [0, *values.values()])
    masks = {id(closed[index]): closed[index] for index in values}
    if len(masks) == 1:
        (mask,) = masks.values()
        changes = np.ones(voxels.shape, dtype=bool) if mask is None else ~mask
    else:
        # Each class has its own: neither what a voxel has nor what it is to get may be closed.
        changes = np.ones(voxels.shape, dtype=bool)
        for class_index, value in values.items():
            mask = closed[class_index]
            if mask is not None:
                changes &= ~(mask & ((voxels == value) | (wanted == value)))
    if (changes & ~free & (wanted != 0)).any():
        return None
    return np.where(changes & free, wanted, voxels)


def _replaced(voxels: Voxels, masks: Mask, values: dict[int, int]) -> Voxels | None:
    """``voxels`` of a layer with exactly ``masks`` in them; None where they would overlap."""
    own = among(voxels, list(values.values()))
    result = np.where(own, 0, voxels)
    for class_index, value in values.items():
        mask = masks[class_index - 1]
        if result[mask].any():
            return None
        result[mask] = value
    return result


def _nested(classes: ClassTable, class_index: int, other: int) -> bool:
    """Whether one of two classes lies within the other."""
    return other in classes.members(class_index) or class_index in classes.members(other)
