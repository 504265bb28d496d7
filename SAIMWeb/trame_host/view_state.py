"""What stands around one slice view: sides of the patient, the slice, and its slider."""

from __future__ import annotations

from typing import Any

from trame_server.state import State

from SAIMCore.mrml.matrices import array_from_matrix
from SAIMWeb.orientation import sides
from SAIMWeb.trame_host.views import Views

__all__ = ["ViewState", "slice_key", "view_key"]


def view_key(name: str) -> str:
    """The name in the page's state of what stands around the view ``name``."""
    return f"view_{name}"


def slice_key(name: str) -> str:
    """The same of the slice (from 1) that the view shows, which its slider changes."""
    return f"slice_{name}"


class ViewState:
    """Keeps the page's state of one view, and follows its slider."""

    def __init__(self, state: State, name: str, views: Views) -> None:
        self._state = state
        self._name, self._views = name, views
        self._view = views.slices[name]
        self._view_key, self._slice_key = view_key(name), slice_key(name)
        state.update({self._view_key: {}, self._slice_key: 1})
        state.change(self._slice_key)(self._go)

    def show(self) -> None:
        """Take what the view shows into the page's state."""
        if not self._views.shows_series(self._name):
            self._state[self._view_key] = {}
            return
        matrix = array_from_matrix(self._view.get_view_node().GetSliceToRAS())
        # The view's right and upper side, in the patient.
        letters = sides(matrix[:3, 0].tolist(), matrix[:3, 1].tolist())
        self._state[self._view_key] = {"sides": letters, "slices": self._count()}
        self._state[self._slice_key] = self._number()

    def _count(self) -> int:
        low, high = self._view.get_slice_range()
        return max(1, round((high - low) / self._view.get_slice_step()) + 1)

    def _number(self) -> int:
        low, _ = self._view.get_slice_range()
        step = self._view.get_slice_step()
        return min(max(round((self._view.get_slice_value() - low) / step) + 1, 1), self._count())

    def _go(self, **state: Any) -> None:
        wanted = int(state[self._slice_key])
        if self._state[self._view_key] and wanted != self._number():
            low, _ = self._view.get_slice_range()
            self._view.set_slice_value(low + (wanted - 1) * self._view.get_slice_step())
