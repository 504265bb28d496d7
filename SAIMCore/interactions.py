"""Interactions: what the user says about pixels of one slice ("these are class c").

A new interaction type is one class here and one entry in ``INTERACTION_TYPES``.
Method: DDG-SIM (Mikhailov et al., 2023), section 4.1.1 (binary interaction masks per class).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import InteractionError

__all__ = [
    "INTERACTION_TYPES",
    "Click",
    "Interaction",
    "Stroke",
    "draw_masks",
    "impose_interactions",
    "interaction_from_json",
    "interaction_radius",
]

REFERENCE_SIZE = 512
REFERENCE_RADIUS = 2


def interaction_radius(height: int, width: int) -> int:
    """Radius in pixels of the disk that a click draws: 2 at 512 x 512, scaled, at least 1."""
    return max(1, round(REFERENCE_RADIUS * max(height, width) / REFERENCE_SIZE))


class Interaction(Protocol):
    """Pixels of one slice to which the user gives one class."""

    kind: ClassVar[str]

    @property
    def slice_index(self) -> int:
        """Index of the slice along the acquisition axis."""

    @property
    def class_index(self) -> int:
        """Class given to the pixels (0 is background)."""

    def pixels(self, shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns that must end up in the class.

        Raises InteractionError when one of them lies outside ``shape`` (rows, columns).
        """

    def mask_pixels(self, shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns to set in the interaction mask that the network sees."""

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which ``interaction_from_json`` makes an equal interaction."""


@lru_cache
def _disk(radius: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    grid = np.arange(-radius, radius + 1)
    rows, columns = np.meshgrid(grid, grid, indexing="ij")
    inside = rows**2 + columns**2 <= radius**2
    return rows[inside], columns[inside]


def _check_inside(
    rows: NDArray[np.intp], columns: NDArray[np.intp], shape: tuple[int, int]
) -> None:
    outside = (rows < 0) | (columns < 0) | (rows >= shape[0]) | (columns >= shape[1])
    if outside.any():
        first = int(np.flatnonzero(outside)[0])
        raise InteractionError(
            f"the interaction at row {int(rows[first])}, column {int(columns[first])} lies outside "
            f"the slice of {shape[0]} x {shape[1]} pixels; click inside the image"
        )


@dataclass(frozen=True)
class Click:
    """One click at (row, column) of a slice, in pixels."""

    kind: ClassVar[str] = "click"

    slice_index: int
    row: int
    column: int
    class_index: int

    def pixels(self, shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows, columns = np.array([self.row]), np.array([self.column])
        _check_inside(rows, columns, shape)
        return rows, columns

    def mask_pixels(self, shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
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
        return cls(
            int(entry["slice"]), int(entry["row"]), int(entry["column"]), int(entry["class"])
        )


@dataclass(frozen=True)
class Stroke:
    """A painted line: all pixels within ``radius`` of the polyline through ``points``.

    ``points`` are (row, column) pairs in pixels; a radius of 0 paints a line one pixel wide.
    """

    kind: ClassVar[str] = "stroke"

    slice_index: int
    points: tuple[tuple[int, int], ...]
    class_index: int
    radius: int = 0

    def __post_init__(self) -> None:
        if not self.points:
            raise InteractionError("a stroke needs at least one point; none was given")

    def _line(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows: list[NDArray[np.float64]] = []
        columns: list[NDArray[np.float64]] = []
        path: Sequence[tuple[int, int]] = self.points
        if len(path) == 1:
            path = (path[0], path[0])
        for (r0, c0), (r1, c1) in itertools.pairwise(path):
            # One sample per pixel of the longer side leaves no gap in the line.
            samples = max(abs(r1 - r0), abs(c1 - c0)) + 1
            rows.append(np.linspace(r0, r1, samples))
            columns.append(np.linspace(c0, c1, samples))
        samples_along = np.stack([np.concatenate(rows), np.concatenate(columns)], axis=1)
        pixels = np.unique(np.floor(samples_along + 0.5).astype(np.intp), axis=0)
        return pixels[:, 0], pixels[:, 1]

    def pixels(self, shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows, columns = self._line()
        _check_inside(rows, columns, shape)
        if self.radius == 0:
            return rows, columns
        offset_rows, offset_columns = _disk(self.radius)
        painted = np.zeros(shape, dtype=bool)
        all_rows = (rows[:, None] + offset_rows).ravel()
        all_columns = (columns[:, None] + offset_columns).ravel()
        inside = (
            (all_rows >= 0) & (all_columns >= 0) & (all_rows < shape[0]) & (all_columns < shape[1])
        )
        painted[all_rows[inside], all_columns[inside]] = True
        found_rows, found_columns = np.nonzero(painted)
        return found_rows.astype(np.intp), found_columns.astype(np.intp)

    def mask_pixels(self, shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        return self.pixels(shape)

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
        points = tuple((int(row), int(column)) for row, column in entry["points"])
        return cls(int(entry["slice"]), points, int(entry["class"]), int(entry.get("radius", 0)))


INTERACTION_TYPES: dict[str, type[Click] | type[Stroke]] = {
    Click.kind: Click,
    Stroke.kind: Stroke,
}


def interaction_from_json(entry: Mapping[str, Any]) -> Click | Stroke:
    """Make the interaction that ``entry`` describes.

    Raises InteractionError when its type is unknown or a field is missing or no number.
    """
    kind = entry.get("type", Click.kind)
    if kind not in INTERACTION_TYPES:
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


def draw_masks(interactions: Sequence[Interaction], out: NDArray[Any]) -> None:
    """Set the mask pixels of ``interactions`` to 1 in ``out`` (classes, rows, columns)."""
    for interaction in interactions:
        rows, columns = interaction.mask_pixels((out.shape[1], out.shape[2]))
        out[interaction.class_index, rows, columns] = 1


def impose_interactions(labels: NDArray[np.uint8], interactions: Sequence[Interaction]) -> None:
    """Give every interacted pixel of ``labels`` (rows, columns) its class, in place.

    Where interactions contradict each other the later one wins. This is the promise that a
    clicked pixel obeys the click, whatever the network says.
    """
    for interaction in interactions:
        rows, columns = interaction.pixels((labels.shape[0], labels.shape[1]))
        labels[rows, columns] = interaction.class_index
