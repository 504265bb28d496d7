"""Refusing what does not fit the series of a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.errors import (
    CheckpointError,
    InteractionError,
    InvalidImageError,
    InvalidLabelmapError,
)
from SAIMCore.interactions import Interaction, whole_number

__all__ = [
    "check_classes",
    "check_labels",
    "check_other_slices",
    "check_proposal",
    "check_round",
    "check_slice",
    "check_slices",
]


def check_slices(slices: NDArray[Any], series_name: str) -> None:
    """Raises InvalidImageError when ``slices`` is no stack (S, h, w) of float pixels."""
    if slices.ndim != 3 or slices.size == 0 or not np.issubdtype(slices.dtype, np.floating):
        raise InvalidImageError(
            f"the slices of {series_name!r} have the shape {slices.shape} and the type "
            f"{slices.dtype}; give a preprocessed stack of slices, rows and columns"
        )


def check_slice(slice_index: int, count: int) -> int:
    """``slice_index`` as an int. Raises InteractionError when there is no such slice."""
    slice_index = whole_number(slice_index, "slice")
    if not 0 <= slice_index < count:
        raise InteractionError(
            f"slice {slice_index} is not in the series; it has the slices 0 to {count - 1}"
        )
    return slice_index


def check_round(
    interactions: Sequence[Interaction], stack_shape: tuple[int, int, int], classes: ClassTable
) -> int:
    """The slice on which all ``interactions`` lie.

    Raises InteractionError when there are none, they lie on several slices, outside the series
    or the slice, or give a class that does not exist.
    """
    if not interactions:
        raise InteractionError(
            "an interaction round without interactions; give at least one, or segment the slice"
        )
    found = sorted({interaction.slice_index for interaction in interactions})
    if len(found) > 1:
        raise InteractionError(
            f"one interaction round has interactions on the slices {', '.join(map(str, found))}; "
            "give those of one slice at a time"
        )
    check_slice(found[0], stack_shape[0])
    for interaction in interactions:
        if not 0 <= interaction.class_index < len(classes):
            raise InteractionError(
                f"class {interaction.class_index} does not exist; the classes are 0 to "
                f"{len(classes) - 1} ({', '.join(classes.names)})"
            )
        interaction.check(stack_shape[1:])
    return found[0]


def check_labels(labels: NDArray[Any], shape: tuple[int, int], classes: ClassTable) -> None:
    """Raises InvalidLabelmapError when ``labels`` are not class indices of a slice (h, w)."""
    if labels.shape != shape:
        raise InvalidLabelmapError(
            f"labels of the shape {labels.shape} for a slice of {shape[0]} x {shape[1]} pixels; "
            "give labels on the grid of the slice"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise InvalidLabelmapError(
            f"labels of the type {labels.dtype}; give class indices as whole numbers"
        )
    smallest, largest = int(labels.min()), int(labels.max())
    if smallest < 0 or largest >= len(classes):
        wrong = smallest if smallest < 0 else largest
        raise InvalidLabelmapError(
            f"label {wrong} is no class index; the classes are 0 to {len(classes) - 1}"
        )


def check_proposal(
    slice_index: int,
    shape: Sequence[int],
    stack_shape: tuple[int, int, int],
    classes: ClassTable,
) -> None:
    """Raises InvalidLabelmapError when probabilities of ``shape`` are not those of a slice."""
    count, height, width = stack_shape
    if 0 <= slice_index < count and tuple(shape) == (len(classes), height, width):
        return
    found = " x ".join(map(str, shape))
    raise InvalidLabelmapError(
        f"a proposal for slice {slice_index} has the shape {found}; the series has the slices 0 to "
        f"{count - 1}, and its proposals are {len(classes)} x {height} x {width} (classes, rows, "
        "columns)"
    )


def check_other_slices(
    slices: NDArray[Any], stack_shape: tuple[int, int, int], series_name: str
) -> None:
    """Raises InvalidImageError when ``slices`` are no stack or one of another shape."""
    check_slices(slices, series_name)
    if slices.shape != stack_shape:
        raise InvalidImageError(
            f"the slices of {series_name!r} have the shape {slices.shape}, those before had "
            f"{stack_shape}; give the same series, prepared for the new model"
        )


def check_classes(found: ClassTable, expected: ClassTable) -> None:
    """Raises CheckpointError when a model's classes are not those of the session."""
    if not found.same_structure(expected):
        raise CheckpointError(
            f"the model was made for {found!r}, the session for {expected!r}; use a model with the "
            "same names, label values and nesting"
        )
