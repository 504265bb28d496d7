"""Interactions on a slice: what the network sees of them, and the labels that obey them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.interactions.interaction import Drawing, Interaction

__all__ = ["draw", "draw_masks", "impose_drawings", "impose_interactions", "mask_indices"]


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
