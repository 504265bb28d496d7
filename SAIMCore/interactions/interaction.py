"""What every interaction offers, and what their checks have in common."""

from __future__ import annotations

from operator import index
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import InteractionError

__all__ = [
    "Drawing",
    "Interaction",
    "Outline",
    "Pixels",
    "check_inside",
    "set_whole",
    "whole_number",
]

# Rows and columns.
Pixels = tuple[NDArray[np.intp], NDArray[np.intp]]
# Rows and columns, whole numbers at the centers of pixels.
Outline = tuple[tuple[float, float], ...]


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

    @property
    def outline(self) -> Outline:
        """How it is shown: one place for a dot, several for a line through them."""

    def check(self, shape: tuple[int, int]) -> None:
        """Raises InteractionError when it does not fit a slice of ``shape`` (rows, columns)."""

    def draw(self, shape: tuple[int, int]) -> Drawing:
        """Its pixels on a slice of ``shape``. Raises InteractionError like ``check``."""

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which ``interaction_from_json`` makes an equal interaction."""


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


def set_whole(interaction: Interaction, **fields: str) -> None:
    """Make the ``fields`` of a new interaction ints; each comes with its name for people."""
    for field, name in fields.items():
        value = whole_number(getattr(interaction, field), f"{name} of a {interaction.kind}")
        object.__setattr__(interaction, field, value)


def check_inside(row: int, column: int, shape: tuple[int, int]) -> None:
    """Raises InteractionError for a pixel that a slice of ``shape`` does not have."""
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        raise InteractionError(
            f"the interaction at row {row}, column {column} lies outside the slice of "
            f"{shape[0]} x {shape[1]} pixels; click inside the image"
        )
