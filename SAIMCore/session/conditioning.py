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
    differs by less; None: they do not. reach: how many pixels they grow at most, None: any number.
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
        targets = np.full(shape, FREE, dtype=np.int64)
        for past_round in rounds:
            if past_round.edit is not None:
                np.copyto(targets, past_round.edit, where=past_round.edit != UNCHANGED)
            said = demands(past_round.interactions, shape).targets
            np.copyto(targets, said, where=said != FREE)
        if (targets == FREE).all():
            return None
        return (
            targets if self.threshold is None else grow(pixels, targets, self.threshold, self.reach)
        )
