"""A box: all pixels of a rectangle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from SAIMCore.errors import InteractionError
from SAIMCore.interactions.interaction import Drawing, Outline, Pixels, check_inside, set_whole

__all__ = ["Box"]

_SIDES = ("top", "left", "bottom", "right")


@dataclass(frozen=True)
class Box:
    """A rectangle of a slice, all of whose pixels are of one class; rows and columns inclusive.

    As in Sambaturu et al., 2021, appendix A.3: a box marks what is to be corrected, as a scribble
    does; it is no frame around a structure.

    Raises InteractionError when something is no whole number, or it ends before it begins.
    """

    kind: ClassVar[str] = "box"
    places: ClassVar[str] = "top, left, bottom and right"

    slice_index: int
    top: int
    left: int
    bottom: int
    right: int
    class_index: int

    def __post_init__(self) -> None:
        sides = {side: side for side in _SIDES}
        set_whole(self, slice_index="slice", class_index="class", **sides)
        if self.bottom < self.top or self.right < self.left:
            raise InteractionError(
                f"a box from row {self.top}, column {self.left} to row {self.bottom}, column "
                f"{self.right} ends before it begins; give the smaller row and column first"
            )

    @classmethod
    def between(
        cls, slice_index: int, corner: tuple[int, int], other: tuple[int, int], class_index: int
    ) -> Box:
        """The box with two opposite corners (row, column), in either order."""
        (top, bottom), (left, right) = (sorted(pair) for pair in zip(corner, other, strict=True))
        return cls(slice_index, top, left, bottom, right, class_index)

    @property
    def outline(self) -> Outline:
        # Around the pixels, not through their centers.
        top, left = self.top - 0.5, self.left - 0.5
        bottom, right = self.bottom + 0.5, self.right + 0.5
        return ((top, left), (top, right), (bottom, right), (bottom, left), (top, left))

    def check(self, shape: tuple[int, int]) -> None:
        check_inside(self.top, self.left, shape)
        check_inside(self.bottom, self.right, shape)

    def pixels(self, shape: tuple[int, int]) -> Pixels:
        """All of them. Raises InteractionError like ``check``."""
        self.check(shape)
        rows = np.arange(self.top, self.bottom + 1)
        columns = np.arange(self.left, self.right + 1)
        return np.repeat(rows, len(columns)), np.tile(columns, len(rows))

    def draw(self, shape: tuple[int, int]) -> Drawing:
        filled = self.pixels(shape)
        return Drawing(filled, filled)

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "slice": self.slice_index,
            **{side: getattr(self, side) for side in _SIDES},
            "class": self.class_index,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Box:
        top, left, bottom, right = (entry[side] for side in _SIDES)
        return cls(entry["slice"], top, left, bottom, right, entry["class"])
