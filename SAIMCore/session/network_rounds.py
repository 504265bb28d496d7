"""Which rounds of a slice the network gets to see, and what it makes of the slice then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from SAIMCore.interactions import Interaction
from SAIMCore.session.round_answers import RoundAnswers
from SAIMCore.session.slice_state import UNTOUCHED, SliceRound, SliceState, first_rounds
from SAIMCore.session.slice_states import SliceStates

__all__ = ["NetworkRounds"]


class NetworkRounds:
    """Lets ``answers`` answer for slices as they are in ``states``; changes none of them.

    With ``from_neighbor`` an untouched slice begins with the probabilities of an adjacent one,
    where that makes a difference to the answers.
    """

    def __init__(self, answers: RoundAnswers, states: SliceStates, *, from_neighbor: bool) -> None:
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
        self,
        slice_indices: Sequence[int],
        progress: Callable[[int, int], None],
        cancel: Callable[[], bool],
    ) -> dict[int, SliceState]:
        """Untouched slices after an automatic round each, as far as ``cancel`` let it come."""
        if not self._hands_on:
            return self.answers.begin(slice_indices, progress, cancel)
        done: dict[int, SliceState] = {}
        # What an earlier model proposed is no start for its neighbors.
        seen = dict.fromkeys(slice_indices, UNTOUCHED)
        for index in slice_indices:
            if cancel():
                break
            done[index] = seen[index] = self.answers.answer(index, self._first(index, seen), ())
            progress(len(done), len(slice_indices))
        return done

    def of(self, slice_index: int) -> tuple[SliceRound, ...]:
        """The slice's rounds, or those with which an untouched slice begins."""
        return self._states[slice_index].rounds or self._first(slice_index, {})

    @property
    def _hands_on(self) -> bool:
        return self.from_neighbor and self.answers.sees_rounds

    def _first(self, slice_index: int, pending: Mapping[int, SliceState]) -> tuple[SliceRound, ...]:
        """What an untouched slice begins with; ``pending``: slices that are in no step yet."""
        if not self._hands_on:
            return ()
        near = (slice_index - 1, slice_index + 1)
        return first_rounds(pending.get(index, self._states[index]) for index in near)
