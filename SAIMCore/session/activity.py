"""The time for which a user is active, as the annotation time of a series."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from SAIMCore.errors import ProjectError

__all__ = ["IDLE_AFTER", "ActivityClock", "check_active_seconds"]

IDLE_AFTER = 60.0


def check_active_seconds(seconds: float) -> None:
    """Raises ProjectError when nobody can have been active for ``seconds``."""
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ProjectError(f"an active time of {seconds} s cannot be; give at least 0")


class ActivityClock:
    """Counts seconds from one user action to the next, at most ``idle_after`` for each gap.

    ``start`` is the time of earlier sittings; ``clock`` gives monotonic seconds.
    """

    def __init__(
        self,
        start: float = 0.0,
        idle_after: float = IDLE_AFTER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counted = start
        self._idle_after = idle_after
        self._clock = clock
        self._last_action: float | None = None

    @property
    def seconds(self) -> float:
        """Active seconds so far, those since the last action included."""
        return self._counted + self._since_last_action()

    @property
    def idle(self) -> bool:
        """Whether the clock stands: no action yet, none for ``idle_after`` seconds, or paused."""
        if self._last_action is None:
            return True
        return self._clock() - self._last_action >= self._idle_after

    def touch(self) -> None:
        """The user did something: the clock runs on from here."""
        self._counted += self._since_last_action()
        self._last_action = self._clock()

    def pause(self) -> None:
        """Stop counting until the next action (the series is closed, or another one shown)."""
        self._counted += self._since_last_action()
        self._last_action = None

    def _since_last_action(self) -> float:
        if self._last_action is None:
            return 0.0
        return min(self._clock() - self._last_action, self._idle_after)
