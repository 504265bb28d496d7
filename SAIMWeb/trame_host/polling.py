"""A ``Pulse`` in trame's event loop: asleep as long as nothing waits."""

from __future__ import annotations

import asyncio

from trame_server.state import State

from SAIMWeb.pulse import Pulse

__all__ = ["PulseInLoop"]


class PulseInLoop:
    """Beats ``pulse`` in ``loop`` and pushes the page's ``state`` after each beat.

    What a beat raises goes to the loop's exception handler; the next beat comes all the same.
    """

    def __init__(self, pulse: Pulse, state: State, loop: asyncio.AbstractEventLoop) -> None:
        self._pulse = pulse
        self._state = state
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None
        pulse.on_start = lambda: self._beat_in(0)
        self._beat_in(0)

    def stop(self) -> None:
        """Beat no more."""
        self._pulse.on_start = lambda: None
        self._beat_in(None)

    def _beat_in(self, seconds: float | None) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None if seconds is None else self._loop.call_later(seconds, self._beat)

    def _beat(self) -> None:
        try:
            self._pulse.beat()
        finally:
            self._state.flush()
            # Something may have been started meanwhile: the pulse knows of it.
            self._beat_in(self._pulse.wait())
