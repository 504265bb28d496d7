"""Where a point of the patient lies on the slices of a source volume, and back.

Points are world RAS in millimeters, as views and markups give them; a volume's parent transforms
are followed, whatever they are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import InvalidImageError
from SAIMCore.interactions import Box, Click, Interaction, Stroke
from SAIMCore.mrml.matrices import array_from_matrix

__all__ = ["SliceGrid", "SlicePosition", "view_point"]

# RAS and LPS differ in the signs of the first two axes.
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0])
# Cosine between a view's normal and the slice axis: 0.5 mm off at 350 mm from the center.
_PARALLEL = 1 - 1e-6

Point = Sequence[float] | NDArray[np.float64]


class SlicePosition(NamedTuple):
    """A pixel of a slice: indices along the acquisition axis, down its rows, along its columns."""

    slice_index: int
    row: int
    column: int


class SliceGrid:
    """The slices of a volume node along its acquisition axis (``Geometry.acquisition_axis``).

    The grid is read once; the parent transform at every call, so it may change in between.
    Raises InvalidImageError when the node has no image, or one without volume.
    """

    def __init__(self, volume: slicer.vtkMRMLScalarVolumeNode) -> None:
        self.volume = volume
        image = volume.GetImageData()
        if image is None or min(image.GetDimensions()) < 1:
            raise InvalidImageError(
                f"the volume {volume.GetName()!r} has no image; load one before it is segmented"
            )
        self.geometry = _geometry(volume)
        self.axis = self.geometry.acquisition_axis
        matrix = vtk.vtkMatrix4x4()
        volume.GetIJKToRASMatrix(matrix)
        self.ijk_to_ras = array_from_matrix(matrix)
        self._ras_to_ijk = np.linalg.inv(self.ijk_to_ras)
        self._rows, self._columns = (other for other in (2, 1, 0) if other != self.axis)

    @property
    def fingerprint(self) -> str:
        """A short word that is another one for a volume of other size, place or direction."""
        described = f"{self.geometry.size} {np.round(self.ijk_to_ras, 3).tolist()}"
        return f"{zlib.crc32(described.encode('ascii')):08x}"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows and columns."""
        return self.geometry.stack_shape

    def position(self, point: Point) -> SlicePosition | None:
        """The pixel at a world point; None outside the volume.

        A voxel reaches half its size to each side of its center.
        """
        ijk = self._ijk(point)
        # Decided on the float: rounding first would let half a voxel outside in.
        if not all(-0.5 <= ijk[axis] < self.geometry.size[axis] - 0.5 for axis in range(3)):
            return None
        found = np.floor(ijk + 0.5).astype(int)
        return SlicePosition(
            int(found[self.axis]), int(found[self._rows]), int(found[self._columns])
        )

    def nearest(self, point: Point) -> SlicePosition | None:
        """The pixel at a world point, or beside it on its slice the pixel nearest to the point.

        None above and below the volume.
        """
        slice_index = self.slice_at(point)
        if slice_index is None:
            return None
        ijk = self._ijk(point)
        row, column = (
            int(np.clip(np.floor(ijk[axis] + 0.5), 0, self.geometry.size[axis] - 1))
            for axis in (self._rows, self._columns)
        )
        return SlicePosition(slice_index, row, column)

    def slice_at(self, point: Point) -> int | None:
        """The slice at a world point, however far beside it; None above and below the volume."""
        along = float(self._ijk(point)[self.axis])
        # As in ``position``: decided on the float.
        if not -0.5 <= along < self.geometry.size[self.axis] - 0.5:
            return None
        return int(np.floor(along + 0.5))

    def point(self, slice_index: float, row: float, column: float) -> NDArray[np.float64]:
        """World RAS of a place on a slice; whole numbers are the centers of pixels."""
        ijk = np.ones(4)
        ijk[[self.axis, self._rows, self._columns]] = slice_index, row, column
        return _transformed(None, self.volume.GetParentTransformNode(), (self.ijk_to_ras @ ijk)[:3])

    def slice_center(self, slice_index: int) -> NDArray[np.float64]:
        """World RAS of the middle of a slice: where a view jumps to."""
        _, rows, columns = self.shape
        return self.point(slice_index, (rows - 1) / 2, (columns - 1) / 2)

    def shows_one_slice(self, view: slicer.vtkMRMLSliceNode) -> bool:
        """Whether all of what ``view`` shows lies on one acquisition slice."""
        _, rows, columns = self.shape
        down = self.point(0, rows - 1, 0) - self.point(0, 0, 0)
        along = self.point(0, 0, columns - 1) - self.point(0, 0, 0)
        # Across the plane, not along the slice axis: a sheared grid has another direction there.
        normal = np.cross(_unit(down), _unit(along)) if rows > 1 < columns else np.zeros(3)
        in_world = array_from_matrix(view.GetSliceToRAS())[:3, 2]
        return abs(float(_unit(normal) @ _unit(in_world))) >= _PARALLEL

    def interaction(
        self, points: Iterable[Point], class_index: int, radius: int = 0
    ) -> Interaction | None:
        """What the user said with a click (one world point) or a drag (several), a stroke.

        It is on the slice of the first point; None when that lies outside the volume. The drag
        ends where it leaves the slice, as it does in a view across the slices. ``radius`` in pixels
        is that of the stroke.
        """
        first: SlicePosition | None = None
        pixels: list[tuple[int, int]] = []
        for point in points:
            position = self.position(point)
            first = first or position
            if first is None or position is None or position.slice_index != first.slice_index:
                break
            if not pixels or pixels[-1] != position[1:]:
                pixels.append((position.row, position.column))
        if first is None:
            return None
        if len(pixels) == 1:
            return Click(first.slice_index, first.row, first.column, class_index)
        return Stroke(first.slice_index, tuple(pixels), class_index, radius)

    def box(self, points: Sequence[Point], class_index: int) -> Interaction | None:
        """As ``interaction``, but a drag is a box between its first point and its last.

        Beside the slice the box ends at its border.
        """
        first = self.position(points[0]) if points else None
        if first is None:
            return None
        last = first
        for point in points[1:]:
            position = self.nearest(point)
            if position is None or position.slice_index != first.slice_index:
                break
            last = position
        if last == first:
            return Click(*first, class_index)
        return Box.between(first.slice_index, first[1:], last[1:], class_index)

    def _ijk(self, point: Point) -> NDArray[np.float64]:
        """Where a world point lies among the voxels, whole numbers at their centers."""
        local = _transformed(self.volume.GetParentTransformNode(), None, point)
        found: NDArray[np.float64] = self._ras_to_ijk[:3] @ [*local, 1]
        return found


def view_point(view: slicer.vtkMRMLSliceNode, x: float, y: float) -> NDArray[np.float64]:
    """World RAS under the pixel (x from the left, y from the bottom) of a slice view."""
    return array_from_matrix(view.GetXYToRAS())[:3] @ np.array([x, y, 0, 1])


def _geometry(volume: slicer.vtkMRMLScalarVolumeNode) -> Geometry:
    i, j, k = volume.GetImageData().GetDimensions()
    directions = np.empty((3, 3))
    for axis in range(3):
        column = [0.0, 0.0, 0.0]
        (volume.GetIToRASDirection, volume.GetJToRASDirection, volume.GetKToRASDirection)[axis](
            column
        )
        directions[:, axis] = column
    origin = _RAS_TO_LPS @ volume.GetOrigin()
    return Geometry(
        (i, j, k),
        volume.GetSpacing(),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        tuple((_RAS_TO_LPS @ directions).ravel().tolist()),
    )


def _transformed(
    target: slicer.vtkMRMLTransformNode | None,
    source: slicer.vtkMRMLTransformNode | None,
    point: Point,
) -> NDArray[np.float64]:
    """``point`` from the coordinates under ``source`` to those under ``target`` (None: world)."""
    if target is None and source is None:
        return np.asarray(point, dtype=float)
    transform = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(source, target, transform)
    return np.array(transform.TransformPoint(*(float(value) for value in point)))


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
