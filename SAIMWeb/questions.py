"""Questions of a campaign, answered in a page that cannot be waited for."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Questions"]


class Questions:
    """``agrees`` says no and shows the question; when the user says yes, all is done once more.

    What asks must have changed nothing by then. ``pending`` is the question that waits, "" for
    none.
    """

    def __init__(self) -> None:
        self.pending = ""
        self._act: Callable[[], None] = lambda: None
        self._agreed = ""

    def do(self, act: Callable[[], None]) -> None:
        """Do something that may ask; a question that waits is dropped."""
        self.pending = ""
        self._act = act
        act()

    def agrees(self, question: str) -> bool:
        """Whether the user has said yes to exactly this."""
        if question == self._agreed:
            return True
        self.pending = question
        return False

    def answer(self, yes: bool) -> None:
        """What the user says to the question that waits."""
        self._agreed, self.pending = self.pending if yes else "", ""
        if self._agreed:
            try:
                self._act()
            finally:
                self._agreed = ""
