"""What the user's interactions on one slice demand of its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.interactions import Interaction, draw

__all__ = ["Demands", "contradiction", "demands"]


@dataclass(frozen=True, eq=False)
class Demands:
    """targets: (h, w) class indices, ``FREE`` where nothing was said.

    overruled: pixels to which a later interaction gave another class than an earlier one.
    """

    targets: NDArray[np.int64]
    overruled: int

    @property
    def sentence(self) -> str:
        """What was contradictory, "" for nothing."""
        if not self.overruled:
            return ""
        pixels = "1 pixel" if self.overruled == 1 else f"{self.overruled} pixels"
        return f"{pixels} got different classes one after the other; the later one counts"


def demands(interactions: Sequence[Interaction], shape: tuple[int, int], known: int = 0) -> Demands:
    """What ``interactions``, all on one slice of ``shape`` (h, w), say; a later one wins.

    A click counts as the disk that it draws, strokes and boxes as all of their pixels. The first
    ``known`` are not counted as overruling anything: that was said before. Raises InteractionError
    for one that lies outside.
    """
    targets = np.full(shape, FREE, dtype=np.int64)
    contradicted = np.zeros(shape, dtype=bool)
    for number, (interaction, (_, (rows, columns))) in enumerate(
        zip(interactions, draw(interactions, shape), strict=True)
    ):
        if number >= known:
            before = targets[rows, columns]
            contradicted[rows, columns] |= (before != FREE) & (before != interaction.class_index)
        targets[rows, columns] = interaction.class_index
    return Demands(targets, int(contradicted.sum()))


def contradiction(
    interactions: Sequence[Interaction], shape: tuple[int, int], known: int = 0
) -> str:
    """What is contradictory in ``interactions``, in one sentence (``demands``); "" for nothing."""
    if len({interaction.class_index for interaction in interactions}) < 2:
        # Nothing can be contradictory then, and every click asks.
        return ""
    return demands(interactions, shape, known).sentence
