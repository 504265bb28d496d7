"""The states of all slices of a session, changed only by steps that can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from SAIMCore.session.history import History, SliceChange, Step
from SAIMCore.session.slice_state import UNTOUCHED, SliceResult, SliceState, changed_box

__all__ = ["SliceStates"]


class SliceStates:
    """States of the slices of a stack of ``shape`` (S, h, w), with their undo history.

    ``touched`` holds those slices that are not as they were at the start, by slice index;
    ``revision`` is another number after every step, undo and redo.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        history: History,
        touched: dict[int, SliceState] | None = None,
    ) -> None:
        self.revision = 0
        self.history = history
        self.touched = {} if touched is None else touched
        self._shape = shape
        self._blank = np.zeros(shape[1:], dtype=np.uint8)
        self._blank.setflags(write=False)

    def __getitem__(self, slice_index: int) -> SliceState:
        return self.touched.get(slice_index, UNTOUCHED)

    def __iter__(self) -> Iterator[SliceState]:
        return (self[index] for index in range(self._shape[0]))

    def take(self, changes: dict[int, SliceState]) -> SliceResult:
        """Give the slices in ``changes`` (at least one) their new states, as one step."""
        step = tuple(SliceChange(index, self[index], after) for index, after in changes.items())
        self.history.push(step)
        return self._put(step)

    def mark(self, slice_index: int, accepted: bool) -> SliceResult:
        """Accept a slice or reopen it, without a step that could be undone."""
        self.revision += 1
        self.touched[slice_index] = replace(self[slice_index], accepted=accepted)
        return self.result(slice_index)

    def begin_with(self, states: dict[int, SliceState]) -> None:
        """Give slices other states, without a step that could be undone."""
        self.revision += 1
        self.touched.update(states)

    def withdraw(self) -> Step | None:
        """Take the last step back as if it had not been; ``repeat`` takes it again."""
        if not self.history.undo_steps:
            return None
        step = self.history.undo_steps.pop()
        self._put(tuple(SliceChange(c.slice_index, c.after, c.before) for c in step))
        return step

    def repeat(self, step: Step) -> SliceResult:
        """Take a step that was withdrawn, after others that left its slices alone."""
        self.history.push(step)
        return self._put(step)

    def undo(self) -> SliceResult | None:
        """Take the last step back."""
        step = self.history.undo()
        if step is None:
            return None
        return self._put(tuple(SliceChange(c.slice_index, c.after, c.before) for c in step))

    def redo(self) -> SliceResult | None:
        """Take the last undone step again."""
        step = self.history.redo()
        return None if step is None else self._put(step)

    def result(self, slice_index: int) -> SliceResult:
        """A slice as it is, nothing changed."""
        return self._result((SliceChange(slice_index, self[slice_index], self[slice_index]),))

    def labels(self) -> NDArray[np.uint8]:
        """A new array (S, h, w); background where a slice has no labels."""
        stack = np.zeros(self._shape, dtype=np.uint8)
        for index, state in self.touched.items():
            if state.labels is not None:
                stack[index] = state.labels
        return stack

    def _put(self, step: Step) -> SliceResult:
        self.revision += 1
        for change in step:
            self.touched[change.slice_index] = change.after
        return self._result(step)

    def _result(self, step: Step) -> SliceResult:
        first = step[0]
        before, after = (
            self._blank if state.labels is None else state.labels
            for state in (first.before, first.after)
        )
        return SliceResult(
            first.slice_index,
            after,
            first.after.probabilities,
            first.after.accepted,
            changed_box(before, after),
            tuple(change.slice_index for change in step[1:]),
        )
