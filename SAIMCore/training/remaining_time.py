"""How much longer a training will take, from what its steps and validations took so far."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["RemainingTime"]

# The mean of the first 20 steps, then one that forgets the beginning: the first step is slow.
LEAST_SHARE = 0.05


class RemainingTime:
    """Divides the time since ``start`` among steps and validations; ``clock`` tells seconds.

    A step lasts from the end of what came before it, so that waiting for its batch and writing a
    state count as well.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._step = _Mean()
        self._validation = _Mean()

    def start(self) -> None:
        """What follows counts; what came before does not."""
        self._last = self._clock()

    def step_ended(self) -> None:
        self._step.add(self._lap())

    def validation_ended(self) -> None:
        self._validation.add(self._lap())

    def seconds(self, steps: int, validations: int) -> float:
        """Seconds that ``steps`` and ``validations`` will take.

        Before the first validation nobody knows how long one takes: they count nothing.
        """
        return steps * self._step.value + validations * self._validation.value

    def _lap(self) -> float:
        before, self._last = self._last, self._clock()
        return self._last - before


class _Mean:
    def __init__(self) -> None:
        self.value = 0.0
        self._count = 0

    def add(self, seconds: float) -> None:
        self._count += 1
        self.value += (seconds - self.value) * max(1 / self._count, LEAST_SHARE)
