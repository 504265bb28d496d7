"""A stroke: a painted line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import InteractionError
from SAIMCore.interactions.interaction import (
    Drawing,
    Outline,
    Pixels,
    check_inside,
    set_whole,
    whole_number,
)

__all__ = ["Stroke"]


@dataclass(frozen=True)
class Stroke:
    """A painted line: all pixels within ``radius`` of the polyline through ``points``.

    ``points`` are (row, column) pairs in pixels; a radius of 0 paints a line one pixel wide.

    Raises InteractionError when there is no point, something is no whole number, or the radius is
    negative.
    """

    kind: ClassVar[str] = "stroke"
    places: ClassVar[str] = "points"

    slice_index: int
    points: tuple[tuple[int, int], ...]
    class_index: int
    radius: int = 0

    def __post_init__(self) -> None:
        set_whole(self, slice_index="slice", class_index="class", radius="radius")
        points = tuple(
            (whole_number(row, "row of a point"), whole_number(column, "column of a point"))
            for row, column in self.points
        )
        object.__setattr__(self, "points", points)
        if not points:
            raise InteractionError("a stroke needs at least one point; none was given")
        if self.radius < 0:
            raise InteractionError(f"the radius of a stroke is {self.radius}; give 0 or more")

    @property
    def outline(self) -> Outline:
        return self.points

    def check(self, shape: tuple[int, int]) -> None:
        # Between points that are inside, no line leaves a rectangle.
        for row, column in self.points:
            check_inside(row, column, shape)
        if self.radius > max(shape):
            raise InteractionError(
                f"a stroke of the radius {self.radius} is wider than the slice of {shape[0]} x "
                f"{shape[1]} pixels; give a smaller radius"
            )

    def pixels(self, shape: tuple[int, int]) -> Pixels:
        """Those that were painted. Raises InteractionError like ``check``."""
        self.check(shape)
        rows, columns = np.divmod(np.unique(self._line(shape[1])), shape[1])
        return _widened(rows, columns, self.radius, shape) if self.radius else (rows, columns)

    def draw(self, shape: tuple[int, int]) -> Drawing:
        painted = self.pixels(shape)
        return Drawing(painted, painted)

    def _line(self, width: int) -> NDArray[np.intp]:
        """Pixels of the line, numbered row by row in a slice of that ``width``; some twice."""
        points = np.array(self.points, dtype=np.intp)
        starts, steps = points[:-1], np.diff(points, axis=0)
        # One sample per pixel of the longer side leaves no gap in the line.
        counts = np.abs(steps).max(axis=1, initial=1)
        segment = np.repeat(np.arange(len(counts)), counts)
        number = np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts, counts)
        samples = starts[segment] + number[:, None] * (steps / counts[:, None])[segment]
        line = np.concatenate([np.floor(samples + 0.5).astype(np.intp), points[-1:]])
        numbers: NDArray[np.intp] = line[:, 0] * width + line[:, 1]
        return numbers

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "slice": self.slice_index,
            "points": [list(point) for point in self.points],
            "radius": self.radius,
            "class": self.class_index,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Stroke:
        return cls(entry["slice"], entry["points"], entry["class"], entry.get("radius", 0))


def _widened(
    rows: NDArray[np.intp], columns: NDArray[np.intp], radius: int, shape: tuple[int, int]
) -> Pixels:
    """All pixels of a slice of ``shape`` that lie within ``radius`` of one of the given ones."""
    top, left = max(int(rows.min()) - radius, 0), max(int(columns.min()) - radius, 0)
    height = min(int(rows.max()) + radius + 1, shape[0]) - top
    width = min(int(columns.max()) + radius + 1, shape[1]) - left
    # A disk is one run of pixels in each of its rows. Where more runs have begun than ended, the
    # pixel is covered: the cost is that of the line and of its box, not that of all the disks.
    offsets = np.arange(-radius, radius + 1)
    half = np.sqrt(radius**2 - offsets**2).astype(np.intp)
    run_rows = rows[:, None] - top + offsets
    inside = (run_rows >= 0) & (run_rows < height)
    first = run_rows * (width + 1) + np.clip(columns[:, None] - left - half, 0, width)
    end = run_rows * (width + 1) + np.clip(columns[:, None] - left + half + 1, 0, width)
    size = height * (width + 1)
    changes = np.bincount(first[inside], minlength=size) - np.bincount(end[inside], minlength=size)
    covered = changes.reshape(height, width + 1).cumsum(axis=1)[:, :width] > 0
    found_rows, found_columns = np.nonzero(covered)
    return found_rows + top, found_columns + left
