"""Interaction rounds answered by an igniter, which knows of no interactions.

Where its network can be trained, its answer is made to agree with all that the user said of the
slice (scribble-conditioned inference, Sambaturu et al., 2021). Otherwise what it proposed stays,
and the interactions are written into it, grown where that is on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.errors import InteractionError, InvalidImageError
from SAIMCore.interactions import Interaction
from SAIMCore.memory import DEFAULT_DEPTH
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.igniter_model import IgniterModel, written
from SAIMCore.session.slice_answer import answered_slice, proposed_slice
from SAIMCore.session.slice_state import SliceRound, SliceState
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["IgniterAnswers"]


class IgniterAnswers:
    """``RoundAnswers`` of an igniter on ``slices`` (S, h, w), as ``model.preprocessing`` says.

    It always agrees with the user; ``conditioning`` says how. Raises InvalidImageError when
    ``slices`` have not the shape of the series that the igniter sees.
    """

    sees_rounds = False
    # As many as our own predictor gets to see by default, when it takes over.
    depth = DEFAULT_DEPTH

    def __init__(self, model: IgniterModel, slices: NDArray[Any]) -> None:
        if slices.shape != model.shape:
            raise InvalidImageError(
                f"the slices have the shape {slices.shape}, the igniter {model.name} sees a series "
                f"of {model.shape}; give both the same series"
            )
        self.model = model
        self.conditioning: SliceConditioning | None = None
        self._slices = slices

    def answer(
        self, slice_index: int, rounds: Sequence[SliceRound], interactions: Sequence[Interaction]
    ) -> SliceState:
        """The slice after a round of ``interactions`` that follows ``rounds``.

        Raises InteractionError when nobody said anything and the igniter proposes nothing, and
        what the igniter raises.
        """
        drawn = DrawnInteractions(tuple(interactions), self._slices.shape[1:])
        present = SliceRound(drawn, origin="igniter")
        probabilities = self._probabilities(slice_index, (*rounds, present))
        stored = StoredProbabilities(probabilities)
        return answered_slice(
            rounds, present, probabilities, stored, self.model.version, self.depth
        )

    def begin(
        self,
        slice_indices: Sequence[int],
        progress: Callable[[int, int], None],
        cancel: Callable[[], bool],
    ) -> dict[int, SliceState]:
        """The slices with what the igniter proposes of them; those without a proposal are missing.

        ``progress`` counts what the igniter works on: slices, or parts of the volume.
        """
        if cancel():
            return {}
        found = dict(self.model.proposals(progress, cancel))
        return {
            index: proposed_slice(found[index], self.model.version)
            for index in slice_indices
            if index in found
        }

    def release(self) -> None:
        """Nothing waits on a device."""

    def _probabilities(self, slice_index: int, rounds: Sequence[SliceRound]) -> Tensor:
        """(N, h, w) after all of ``rounds``, of which the last one is to be answered."""
        conditioning = self.conditioning or SliceConditioning()
        pixels = np.asarray(self._slices[slice_index], dtype=np.float32)
        found = conditioning.targets(pixels, rounds)
        if found is None:
            return self._without_marks(slice_index, rounds)
        targets = torch.from_numpy(found)
        if self.model.trains and not _from_elsewhere(rounds):
            return self.model.conditioned(slice_index, targets, conditioning.options)
        return written(self._before(slice_index, rounds), targets)

    def _without_marks(self, slice_index: int, rounds: Sequence[SliceRound]) -> Tensor:
        proposed = self.model.proposal(slice_index)
        if proposed is not None:
            return proposed.tensor.float()
        raise InteractionError(
            self.model.no_proposal
            or f"the igniter {self.model.name} has no proposal for slice {slice_index}; click in it"
        )

    def _before(self, slice_index: int, rounds: Sequence[SliceRound]) -> Tensor:
        """What the slice showed before the last round: the proposal, background without one."""
        last = [past.probabilities for past in rounds if past.probabilities is not None]
        found = last[-1] if last else self.model.proposal(slice_index)
        if found is None:
            blank = np.zeros(self._slices.shape[1:], dtype=np.uint8)
            found = StoredProbabilities.from_labels(blank, len(self.model.classes))
        return found.tensor.float().cpu()


def _from_elsewhere(rounds: Sequence[SliceRound]) -> bool:
    """Whether the slice began with labels that are not the igniter's, of which it knows nothing."""
    return any(past.origin == "labels" and past.edit is None for past in rounds)
