"""What a benchmark is told to do."""

from __future__ import annotations

from dataclasses import dataclass

from SAIMCore.errors import ConfigurationError

__all__ = ["BENCHMARKS", "BenchmarkOptions"]

# Name and what it measures; the module of the same name has ``measure``.
BENCHMARKS: dict[str, str] = {
    "click": "a click in a session against the bare network",
    "step": "a training step against the passes of its network",
    "rank": "scoring a pool against the bare network, and its memory",
    "condition": "a stroke that the network is made to agree with, against the passes it takes",
    "training": "a click during a training in the background against one without it",
}


@dataclass(frozen=True)
class BenchmarkOptions:
    """Options of all benchmarks.

    repeats: how often each of the two things is timed, after a warm-up; training steps on a GPU
        more often, until what their loader has prepared ahead is used up.
    size: height and width of the slices in pixels, a multiple of 32; None takes each benchmark's
        own, which is smaller on a CPU where a measurement would take minutes.
    decoders: networks to measure; None takes each benchmark's own.
    pools: numbers of series whose scoring must take the same memory.
    """

    device: str = "auto"
    repeats: int = 10
    size: int | None = None
    encoder: str = "resnet34"
    decoders: tuple[str, ...] | None = None
    pools: tuple[int, int] = (50, 500)

    def __post_init__(self) -> None:
        if min(self.repeats, *self.pools) < 1:
            raise ConfigurationError(
                f"a benchmark needs at least 1 repeat and 1 series, found {self.repeats} repeats "
                f"and pools of {self.pools[0]} and {self.pools[1]} series"
            )
