"""What an answer makes of a slice: whoever gave it, a network or an igniter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.likeliest import likeliest_class
from SAIMCore.session.slice_state import SliceRound, SliceState, remembered
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["answered_slice", "proposed_slice"]


def answered_slice(
    rounds: Sequence[SliceRound],
    present: SliceRound,
    probabilities: Tensor,
    stored: StoredProbabilities,
    model: str,
    depth: int,
) -> SliceState:
    """A slice whose ``present`` round, which follows ``rounds``, ``model`` has answered.

    probabilities: (N, h, w), which are ``stored``. depth: how many rounds keep theirs.
    """
    answered = replace(present, probabilities=stored, model=model)
    rounds = (*rounds, answered)
    return SliceState(remembered(rounds, depth), _labels(probabilities, rounds))


def proposed_slice(stored: StoredProbabilities, version: str) -> SliceState:
    """A slice of which nothing is known but what the igniter ``version`` proposes."""
    proposed = SliceRound.from_elsewhere(stored, "igniter", model=version)
    return SliceState((proposed,), _labels(stored.tensor, ()))


def _labels(probabilities: Tensor, rounds: Sequence[SliceRound]) -> NDArray[np.uint8]:
    """Read-only labels (h, w) of ``probabilities`` (N, h, w), every interaction obeyed."""
    labels: NDArray[np.uint8] = likeliest_class(probabilities).cpu().numpy()
    for past_round in rounds:
        past_round.impose(labels)
    labels.setflags(write=False)
    return labels
