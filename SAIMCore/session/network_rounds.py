"""Which rounds of a slice the network gets to see, and what it makes of the slice then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from SAIMCore.interactions import Interaction
from SAIMCore.session.answering import SliceAnswers
from SAIMCore.session.slice_state import SliceRound, SliceState, first_rounds
from SAIMCore.session.slice_states import SliceStates

__all__ = ["NetworkRounds"]


class NetworkRounds:
    """Lets ``answers`` answer for slices as they are in ``states``; changes none of them.

    With ``from_neighbor`` an untouched slice begins with the probabilities of an adjacent one.
    """

    def __init__(self, answers: SliceAnswers, states: SliceStates, *, from_neighbor: bool) -> None:
        self.answers = answers
        self.from_neighbor = from_neighbor
        self._states = states

    def answered(self, slice_index: int, interactions: Sequence[Interaction]) -> SliceState:
        """A slice after a round of ``interactions``, all on it."""
        return self.answers.answer(slice_index, self.of(slice_index), interactions)

    def segmented(self, slice_index: int) -> SliceState:
        """A slice after an automatic round, in place of automatic ones that were the last."""
        rounds = self.of(slice_index)
        while rounds and rounds[-1].automatic:
            rounds = rounds[:-1]
        return self.answers.answer(slice_index, rounds, ())

    def begun(
        self, slice_indices: Sequence[int], pending: Mapping[int, SliceState]
    ) -> list[SliceState]:
        """Untouched slices after an automatic round each.

        ``pending`` are states of other slices that are not part of a step yet.
        """
        firsts = [self._first(index, pending) for index in slice_indices]
        if not any(firsts):
            return self.answers.begin(slice_indices)
        return [
            self.answers.answer(index, first, ())
            for index, first in zip(slice_indices, firsts, strict=True)
        ]

    def waits(self, state: SliceState) -> bool:
        """Whether a slice is segmented with the series: nobody said anything, nor this model."""
        if not state.touched:
            return True
        return state.automatic and state.rounds[-1].model != self.answers.predictor.version

    def of(self, slice_index: int) -> tuple[SliceRound, ...]:
        """The slice's rounds, or those with which an untouched slice begins."""
        return self._states[slice_index].rounds or self._first(slice_index, {})

    def _first(self, slice_index: int, pending: Mapping[int, SliceState]) -> tuple[SliceRound, ...]:
        if not self.from_neighbor:
            return ()
        near = (slice_index - 1, slice_index + 1)
        return first_rounds(pending.get(index, self._states[index]) for index in near)
