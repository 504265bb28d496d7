"""What is known of a session, without changing it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SAIMCore.interactions import Interaction
from SAIMCore.session.checks import check_slice
from SAIMCore.session.slice_state import SliceResult
from SAIMCore.session.slice_states import SliceStates

__all__ = ["SessionReading"]


class SessionReading:
    """The slices of a session of ``shape`` (S, h, w) as they are in ``states`` now.

    Methods that take a slice raise InteractionError when there is no such slice.
    """

    def __init__(self, shape: tuple[int, int, int], states: SliceStates) -> None:
        self.shape = shape
        self._states = states

    @property
    def revision(self) -> int:
        """Another number after every step, undo and redo: whether there is something to save."""
        return self._states.revision

    @property
    def undo_limit(self) -> int:
        """How many steps can be undone; older ones are forgotten."""
        return self._states.history.limit

    @property
    def blank(self) -> bool:
        """Whether nobody has said anything, and nothing was proposed."""
        return not any(state.touched for state in self._states)

    @property
    def proposals_only(self) -> bool:
        """Whether nobody has said anything: what is there, a network proposed by itself."""
        return not self.can_undo and all(state.automatic for state in self._states.touched.values())

    def waiting_for(self, version: str) -> tuple[int, ...]:
        """Slices of which nobody has said anything, nor has the model ``version``, ascending."""
        return tuple(index for index, state in enumerate(self._states) if state.waits_for(version))

    def waits_for(self, slice_index: int, version: str) -> bool:
        """Whether a slice is among ``waiting_for(version)``."""
        return self._states[self._check(slice_index)].waits_for(version)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._states.history.undo_steps)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to redo."""
        return bool(self._states.history.redo_steps)

    @property
    def accepted_slices(self) -> tuple[int, ...]:
        """Indices of the accepted slices, ascending."""
        return tuple(index for index, state in enumerate(self._states) if state.accepted)

    def interactions(self, slice_index: int) -> tuple[Interaction, ...]:
        """All interactions on a slice, oldest first."""
        slice_index = self._check(slice_index)
        return self._states[slice_index].interactions

    def result(self, slice_index: int) -> SliceResult:
        """A slice as it is now."""
        slice_index = self._check(slice_index)
        return self._states.result(slice_index)

    def labels(self) -> NDArray[np.uint8]:
        """A copy of the labels of all slices, (S, h, w); background where there are none."""
        return self._states.labels()

    def uncertainty(self, slice_index: int) -> NDArray[np.float32] | None:
        """Pixel entropy (h, w), 0 to 1, of the last round; None for a slice without prediction."""
        slice_index = self._check(slice_index)
        probabilities = self._states[slice_index].probabilities
        return None if probabilities is None else probabilities.entropy()

    def next_most_uncertain(self, excluding: int | None = None) -> int | None:
        """The slice to look at next: not accepted, with the highest mean entropy.

        Slices without prediction come after all others; None when no slice is left.
        ``excluding`` is passed over (the slice that is shown now).
        """
        scores = {
            index: -1.0 if state.probabilities is None else state.probabilities.mean_entropy
            for index, state in enumerate(self._states)
            if not state.accepted and index != excluding
        }
        return max(scores, key=lambda index: scores[index]) if scores else None

    def _check(self, slice_index: int) -> int:
        return check_slice(slice_index, self.shape[0])
