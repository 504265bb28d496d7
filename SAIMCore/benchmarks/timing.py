"""Timing two pieces of work in turns, so that both meet the same state of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

__all__ = ["Comparison", "Work", "compare", "quartiles", "repeat"]

# The first passes choose algorithms and fill the allocators' pools.
WARM_UP = 2


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Work:
    """``run`` is timed; ``before`` is called ahead of it and is not."""

    run: Callable[[], object]
    before: Callable[[], object] = _nothing


@dataclass(frozen=True)
class Comparison:
    """Seconds that two pieces of work took, in the order in which they took turns."""

    measured: tuple[float, ...]
    reference: tuple[float, ...]

    @property
    def slowdowns(self) -> list[float]:
        """Time of each measured run by that of the reference run right after it."""
        return [a / b for a, b in zip(self.measured, self.reference, strict=True)]

    @property
    def speedups(self) -> list[float]:
        """The inverse of ``slowdowns``: throughput by that of the reference."""
        return [1 / ratio for ratio in self.slowdowns]

    @property
    def differences(self) -> list[float]:
        """Seconds that each measured run took longer than the reference run right after it."""
        return [a - b for a, b in zip(self.measured, self.reference, strict=True)]

    def to_json(self) -> dict[str, Any]:
        return {
            "measured_ms": 1000 * float(np.median(self.measured)),
            "reference_ms": 1000 * float(np.median(self.reference)),
            "repeats": len(self.measured),
        }


def compare(measured: Work, reference: Work, device: torch.device, repeats: int) -> Comparison:
    """Time both ``repeats`` times in turns, after a warm-up of both.

    Neighbors in time are compared, so that a machine that others load more and more, or that gets
    hot, changes the times but hardly their ratio.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(WARM_UP + repeats):
        for work, found in zip((measured, reference), seconds, strict=True):
            elapsed = _time(work, device)
            if turn >= WARM_UP:
                found.append(elapsed)
    return Comparison(tuple(seconds[0]), tuple(seconds[1]))


def repeat(work: Work, device: torch.device, repeats: int) -> tuple[float, ...]:
    """Seconds that ``work`` took each of ``repeats`` times, after a warm-up."""
    return tuple(_time(work, device) for _ in range(WARM_UP + repeats))[WARM_UP:]


def _time(work: Work, device: torch.device) -> float:
    work.before()
    _finish(device)
    started = time.perf_counter()
    work.run()
    _finish(device)
    return time.perf_counter() - started


def _finish(device: torch.device) -> None:
    """Wait for what was only queued."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Lower and upper quartile."""
    low, high = np.percentile(values, (25, 75))
    return float(low), float(high)
