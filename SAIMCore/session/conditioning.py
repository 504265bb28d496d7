"""What the rounds of a slice demand of the network where its answers are conditioned on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.conditioning.region_growing import FREE, grow
from SAIMCore.conditioning.targets import demands
from SAIMCore.session.slice_state import UNCHANGED, SliceRound

__all__ = ["SliceConditioning"]


@dataclass(frozen=True)
class SliceConditioning:
    """How the answers of a session are made to agree with what the user said (``conditioning``).

    threshold: scribbles grow into pixels whose intensity (in standard deviations of the series)
    differs by less; None: they do not. What was edited outside does not grow, and nothing grows
    into it. reach: how many pixels they grow at most, None: any number.
    """

    options: ConditioningOptions = field(default_factory=ConditioningOptions)
    threshold: float | None = None
    reach: int | None = None

    def targets(
        self, pixels: NDArray[np.floating], rounds: Sequence[SliceRound]
    ) -> NDArray[np.int64] | None:
        """Class indices (h, w) that ``rounds`` demand, ``FREE`` elsewhere; None where all are free.

        pixels: (h, w) intensities of the slice. Interactions and edits count, later ones win.
        """
        shape = (pixels.shape[0], pixels.shape[1])
        marks, edits = (np.full(shape, FREE, dtype=np.int64) for _ in range(2))
        for past_round in rounds:
            if past_round.edit is not None:
                _lay(past_round.edit, past_round.edit != UNCHANGED, edits, marks)
            said = demands(past_round.interactions, shape).targets
            _lay(said, said != FREE, marks, edits)
        edited = edits != FREE
        if self.threshold is not None:
            # What is no number is like no pixel: growth ends there.
            marks = grow(np.where(edited, np.nan, pixels), marks, self.threshold, self.reach)
        targets = np.where(edited, edits, marks)
        return None if (targets == FREE).all() else targets


def _lay(
    classes: NDArray[np.integer],
    places: NDArray[np.bool_],
    onto: NDArray[np.int64],
    instead: NDArray[np.int64],
) -> None:
    """Write ``classes`` (h, w) at ``places`` onto one of two layers, and free the other there."""
    np.copyto(onto, classes, where=places)
    instead[places] = FREE
