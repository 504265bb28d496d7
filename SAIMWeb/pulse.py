"""What has to be done now and then, for a program with one event loop: nothing while nothing is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

__all__ = ["Pulse", "Timer"]

# A poll that fails is tried again; longer and longer after, while it fails.
SECONDS_AFTER_ERROR, MOST_SECONDS_AFTER_ERROR = 0.5, 30.0


class Timer:
    """Calls ``act`` once, ``seconds`` after the last ``start``."""

    def __init__(
        self, seconds: float, act: Callable[[], None], started: Callable[[], None]
    ) -> None:
        self._seconds = seconds
        self._act = act
        self._started = started
        self.due: float | None = None

    def start(self) -> None:
        """Begin to wait, or begin anew."""
        self.start_in(self._seconds)

    def start_in(self, seconds: float) -> None:
        """The same, with another time to wait."""
        self.due = time.monotonic() + seconds
        self._started()

    def stop(self) -> None:
        """Forget it."""
        self.due = None

    def fire(self) -> None:
        """Do it now."""
        self.due = None
        self._act()


class Pulse:
    """Timers and polls of one program; ``on_start`` is called when there is something to wait for.

    The program's event loop calls ``beat``, which says when to call it again.
    """

    def __init__(self) -> None:
        self.on_start: Callable[[], None] = lambda: None
        self._timers: list[Timer] = []

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """A timer that calls ``act`` once after each ``start``."""
        timer = Timer(seconds, act, lambda: self.on_start())
        self._timers.append(timer)
        return timer

    def while_busy(self, seconds: float, poll: Callable[[], bool]) -> Timer:
        """A timer that, once started, calls ``poll`` until that says that it is not busy."""
        pause = SECONDS_AFTER_ERROR

        def again() -> None:
            nonlocal pause
            timer.start_in(pause)
            due, pause = timer.due, min(2 * pause, MOST_SECONDS_AFTER_ERROR)
            busy = poll()
            pause = SECONDS_AFTER_ERROR
            # Started by somebody else meanwhile, it goes on.
            if timer.due == due:
                if busy:
                    timer.start()
                else:
                    timer.stop()

        timer = self.after(seconds, again)
        return timer

    def beat(self) -> float | None:
        """Do what is due, all of it also where something fails; then ``wait``."""
        with contextlib.ExitStack() as timers:
            # The last one is called first.
            for timer in reversed(self._timers):
                timers.callback(_fire_if_due, timer)
        return self.wait()

    def wait(self) -> float | None:
        """In how many seconds the next thing is due, None where nothing waits."""
        due = [timer.due for timer in self._timers if timer.due is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None


def _fire_if_due(timer: Timer) -> None:
    if timer.due is not None and timer.due <= time.monotonic():
        timer.fire()
