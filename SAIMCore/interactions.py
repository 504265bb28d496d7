"""Interactions: what the user says about pixels of one slice ("these are class c").

A new interaction type is one class here and one entry in ``INTERACTION_TYPES``.
Method: DDG-SIM (Mikhailov et al., 2023), section 4.1.1 (binary interaction masks per class).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import index
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import InteractionError

__all__ = [
    "INTERACTION_TYPES",
    "Click",
    "Drawing",
    "Interaction",
    "Stroke",
    "click_area",
    "draw",
    "draw_masks",
    "impose_drawings",
    "impose_interactions",
    "interaction_from_json",
    "interaction_radius",
    "mask_indices",
    "whole_number",
]

REFERENCE_SIZE = 512
REFERENCE_RADIUS = 2

# Rows and columns.
Pixels = tuple[NDArray[np.intp], NDArray[np.intp]]


def interaction_radius(height: int, width: int) -> int:
    """Radius in pixels of the disk that a click draws: 2 at 512 x 512, scaled, at least 1."""
    return max(1, round(REFERENCE_RADIUS * max(height, width) / REFERENCE_SIZE))


def whole_number(value: Any, what: str) -> int:
    """``value`` (of any integer type, NumPy's too) as an int; ``what`` it is names it.

    Raises InteractionError for everything else: a fraction is never cut off silently.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except TypeError as error:
        raise InteractionError(f"the {what} is {value!r}; give a whole number") from error


class Drawing(NamedTuple):
    """An interaction on a slice, as rows and columns.

    pixels: those that must end up in the class; mask: those to set in the interaction mask that
    the network sees.
    """

    pixels: Pixels
    mask: Pixels


class Interaction(Protocol):
    """Pixels of one slice to which the user gives one class."""

    kind: ClassVar[str]

    @property
    def slice_index(self) -> int:
        """Index of the slice along the acquisition axis."""

    @property
    def class_index(self) -> int:
        """Class given to the pixels (0 is background)."""

    def check(self, shape: tuple[int, int]) -> None:
        """Raises InteractionError when it does not fit a slice of ``shape`` (rows, columns)."""

    def draw(self, shape: tuple[int, int]) -> Drawing:
        """Its pixels on a slice of ``shape``. Raises InteractionError like ``check``."""

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which ``interaction_from_json`` makes an equal interaction."""


@lru_cache
def click_area(height: int, width: int) -> int:
    """Pixels that the mark of a click has on a slice of ``height`` x ``width``, off its border."""
    return len(_disk(interaction_radius(height, width))[0])


@lru_cache
def _disk(radius: int) -> Pixels:
    grid = np.arange(-radius, radius + 1)
    rows, columns = np.meshgrid(grid, grid, indexing="ij")
    inside = rows**2 + columns**2 <= radius**2
    return rows[inside], columns[inside]


def _check_inside(row: int, column: int, shape: tuple[int, int]) -> None:
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        raise InteractionError(
            f"the interaction at row {row}, column {column} lies outside the slice of "
            f"{shape[0]} x {shape[1]} pixels; click inside the image"
        )


@dataclass(frozen=True)
class Click:
    """One click at (row, column) of a slice, in pixels.

    Raises InteractionError when something of it is no whole number.
    """

    kind: ClassVar[str] = "click"

    slice_index: int
    row: int
    column: int
    class_index: int

    def __post_init__(self) -> None:
        _set_whole(self, slice_index="slice", row="row", column="column", class_index="class")

    def check(self, shape: tuple[int, int]) -> None:
        _check_inside(self.row, self.column, shape)

    def pixels(self, shape: tuple[int, int]) -> Pixels:
        """The one that was clicked. Raises InteractionError like ``check``."""
        self.check(shape)
        return np.array([self.row]), np.array([self.column])

    def draw(self, shape: tuple[int, int]) -> Drawing:
        return Drawing(self.pixels(shape), self.mask_pixels(shape))

    def mask_pixels(self, shape: tuple[int, int]) -> Pixels:
        """The part of the disk that lies inside the slice."""
        rows, columns = _disk(interaction_radius(*shape))
        rows, columns = rows + self.row, columns + self.column
        inside = (rows >= 0) & (columns >= 0) & (rows < shape[0]) & (columns < shape[1])
        return rows[inside], columns[inside]

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "slice": self.slice_index,
            "row": self.row,
            "column": self.column,
            "class": self.class_index,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Click:
        return cls(entry["slice"], entry["row"], entry["column"], entry["class"])


@dataclass(frozen=True)
class Stroke:
    """A painted line: all pixels within ``radius`` of the polyline through ``points``.

    ``points`` are (row, column) pairs in pixels; a radius of 0 paints a line one pixel wide.

    Raises InteractionError when there is no point, something is no whole number, or the radius is
    negative.
    """

    kind: ClassVar[str] = "stroke"

    slice_index: int
    points: tuple[tuple[int, int], ...]
    class_index: int
    radius: int = 0

    def __post_init__(self) -> None:
        _set_whole(self, slice_index="slice", class_index="class", radius="radius")
        points = tuple(
            (whole_number(row, "row of a point"), whole_number(column, "column of a point"))
            for row, column in self.points
        )
        object.__setattr__(self, "points", points)
        if not points:
            raise InteractionError("a stroke needs at least one point; none was given")
        if self.radius < 0:
            raise InteractionError(f"the radius of a stroke is {self.radius}; give 0 or more")

    def check(self, shape: tuple[int, int]) -> None:
        # Between points that are inside, no line leaves a rectangle.
        for row, column in self.points:
            _check_inside(row, column, shape)
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


def _set_whole(interaction: Click | Stroke, **fields: str) -> None:
    """Make the ``fields`` of a new interaction ints; each comes with its name for people."""
    for field, name in fields.items():
        value = whole_number(getattr(interaction, field), f"{name} of a {interaction.kind}")
        object.__setattr__(interaction, field, value)


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


INTERACTION_TYPES: dict[str, type[Click] | type[Stroke]] = {
    Click.kind: Click,
    Stroke.kind: Stroke,
}


def interaction_from_json(entry: Mapping[str, Any]) -> Click | Stroke:
    """Make the interaction that ``entry`` describes.

    Raises InteractionError when its type is unknown, a field is missing, or something is no whole
    number.
    """
    kind = entry.get("type", Click.kind)
    if not isinstance(kind, str) or kind not in INTERACTION_TYPES:
        raise InteractionError(
            f"unknown interaction type {kind!r}; known are {', '.join(sorted(INTERACTION_TYPES))}"
        )
    try:
        return INTERACTION_TYPES[kind].from_json(entry)
    except (KeyError, TypeError, ValueError) as error:
        raise InteractionError(
            f"the {kind} {dict(entry)!r} is not complete ({error}); give slice, class and "
            f"{'row and column' if kind == Click.kind else 'points'} as whole numbers"
        ) from error


def draw(interactions: Sequence[Interaction], shape: tuple[int, int]) -> list[Drawing]:
    """Each of the interactions on a slice of ``shape`` (rows, columns)."""
    return [interaction.draw(shape) for interaction in interactions]


def mask_indices(
    interactions: Sequence[Interaction], drawings: Sequence[Drawing]
) -> NDArray[np.intp]:
    """Class, row and column of every pixel of the interaction masks, (3, count)."""
    drawn = [np.zeros((3, 0), dtype=np.intp)]
    for interaction, (_, (rows, columns)) in zip(interactions, drawings, strict=True):
        drawn.append(np.stack([np.full_like(rows, interaction.class_index), rows, columns]))
    return np.concatenate(drawn, axis=1)


def impose_drawings(
    labels: NDArray[np.uint8], interactions: Sequence[Interaction], drawings: Sequence[Drawing]
) -> None:
    """``impose_interactions`` where the interactions have been drawn already."""
    for interaction, ((rows, columns), _) in zip(interactions, drawings, strict=True):
        labels[rows, columns] = interaction.class_index


def draw_masks(interactions: Sequence[Interaction], out: NDArray[Any]) -> None:
    """Set the mask pixels of ``interactions`` to 1 in ``out`` (classes, rows, columns)."""
    drawings = draw(interactions, (out.shape[1], out.shape[2]))
    out[tuple(mask_indices(interactions, drawings))] = 1


def impose_interactions(labels: NDArray[np.uint8], interactions: Sequence[Interaction]) -> None:
    """Give every interacted pixel of ``labels`` (rows, columns) its class, in place.

    Where interactions contradict each other the later one wins. This is the promise that a
    clicked pixel obeys the click, whatever the network says.
    """
    drawings = draw(interactions, (labels.shape[0], labels.shape[1]))
    impose_drawings(labels, interactions, drawings)
