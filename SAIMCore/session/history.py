"""The steps of a session that can be undone and redone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from SAIMCore.session.slice_state import SliceState

__all__ = ["History", "SliceChange", "Step"]


@dataclass(frozen=True, eq=False)
class SliceChange:
    """One slice before and after a step."""

    slice_index: int
    before: SliceState
    after: SliceState


Step = tuple[SliceChange, ...]


class History:
    """Undo and redo stacks over all slices; beyond ``limit`` the oldest steps are forgotten.

    The limit bounds the memory, too: a step keeps the probabilities of one round alive.
    """

    def __init__(self, limit: int, undo: Iterable[Step] = (), redo: Iterable[Step] = ()) -> None:
        self.limit = limit
        self.undo_steps: deque[Step] = deque(undo, maxlen=limit)
        self.redo_steps: deque[Step] = deque(redo, maxlen=limit)

    def push(self, step: Step) -> None:
        """A new step was taken; what was undone before it is gone."""
        self.undo_steps.append(step)
        self.redo_steps.clear()

    def undo(self) -> Step | None:
        """The step to take back, None when there is none."""
        if not self.undo_steps:
            return None
        self.redo_steps.append(self.undo_steps.pop())
        return self.redo_steps[-1]

    def redo(self) -> Step | None:
        """The step to take again, None when there is none."""
        if not self.redo_steps:
            return None
        self.undo_steps.append(self.redo_steps.pop())
        return self.undo_steps[-1]
