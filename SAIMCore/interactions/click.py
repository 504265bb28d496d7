"""A click: one pixel, which the network sees as a small disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from SAIMCore.interactions.interaction import Drawing, Outline, Pixels, check_inside, set_whole

__all__ = ["Click", "click_area", "interaction_radius"]

REFERENCE_SIZE = 512
REFERENCE_RADIUS = 2


def interaction_radius(height: int, width: int) -> int:
    """Radius in pixels of the disk that a click draws: 2 at 512 x 512, scaled, at least 1."""
    return max(1, round(REFERENCE_RADIUS * max(height, width) / REFERENCE_SIZE))


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


@dataclass(frozen=True)
class Click:
    """One click at (row, column) of a slice, in pixels.

    Raises InteractionError when something of it is no whole number.
    """

    kind: ClassVar[str] = "click"
    places: ClassVar[str] = "row and column"

    slice_index: int
    row: int
    column: int
    class_index: int

    def __post_init__(self) -> None:
        set_whole(self, slice_index="slice", row="row", column="column", class_index="class")

    @property
    def outline(self) -> Outline:
        return ((self.row, self.column),)

    def check(self, shape: tuple[int, int]) -> None:
        check_inside(self.row, self.column, shape)

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
