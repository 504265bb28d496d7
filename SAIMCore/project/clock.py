"""Times as a project stores them: UTC, ISO 8601, to the microsecond; text order is time order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

__all__ = ["Clock", "computer_time"]


def computer_time() -> str:
    """The present time as this computer has it."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


class Clock:
    """Gives times, each later than all before, even when the computer's clock is set back.

    What was annotated since a training, say, is found by comparing times. While the computer's
    clock is behind the latest one, a time is a microsecond later than that. ``read`` gives the
    computer's time.
    """

    def __init__(self, read: Callable[[], str] = computer_time) -> None:
        self._read = read
        self._latest = ""
        self._giving = threading.Lock()

    def now(self) -> str:
        """A time that is later than every one before."""
        with self._giving:
            present = self._read()
            self._latest = present if present > self._latest else _just_after(self._latest)
            return self._latest

    def pass_over(self, latest: str) -> None:
        """Give only times after ``latest`` from now on."""
        with self._giving:
            self._latest = max(self._latest, latest)


def _just_after(time: str) -> str:
    later = datetime.fromisoformat(time) + timedelta(microseconds=1)
    return later.isoformat(timespec="microseconds")
