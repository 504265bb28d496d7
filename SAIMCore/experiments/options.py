"""What an emulated scenario is told to do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMCore.rounds.options import RoundOptions

__all__ = ["EmulationOptions"]

# SAIM (Mikhailov et al., 2023), section 4.2: 77 pelvis series took 32 hours with classical tools.
CLASSICAL_MINUTES = 25.0
# Assumptions, not measurements: aim and click, and look at a slice and accept it.
SECONDS_PER_CLICK = 3.0
SECONDS_PER_SLICE = 2.0


@dataclass(frozen=True)
class EmulationOptions:
    """One emulated scenario (SAIM, section 4.2).

    rounds: how often series are selected, annotated and learned from, after the initial training.
    query_size: series annotated per round. folder: where the report and the progress are kept.
    strategy: a name in ``STRATEGIES``. clicks: the virtual user's clicks per class and slice.
    classical: also train on the reference labels at the first, middle and last round.
    seconds_per_click, seconds_per_slice, classical_minutes (per series): what the annotation time
    is computed from. training: how every model is trained; its ``seed`` and ``publish`` are set.
    """

    rounds: int
    query_size: int
    folder: Path
    strategy: str = "entropy"
    clicks: int = 3
    seed: int = 0
    classical: bool = True
    seconds_per_click: float = SECONDS_PER_CLICK
    seconds_per_slice: float = SECONDS_PER_SLICE
    classical_minutes: float = CLASSICAL_MINUTES
    training: RoundOptions = RoundOptions()

    def __post_init__(self) -> None:
        for name, least in (("rounds", 1), ("query_size", 1), ("clicks", 0), ("seed", 0)):
            if getattr(self, name) < least:
                raise ConfigurationError(
                    f"{name} must be at least {least}, found {getattr(self, name)}"
                )
        for name in ("seconds_per_click", "seconds_per_slice", "classical_minutes"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name} must be a number of at least 0, found {value}")

    @property
    def round_options(self) -> RoundOptions:
        """How every model is trained; as in the paper the new one is always the shared one."""
        return replace(self.training, publish="always", seed=self.seed)

    def identity(self) -> dict[str, Any]:
        """What may not change while an emulation goes on (JSON-able).

        More rounds may be asked for, the assumptions about time may be corrected, and it may go
        on on another device: none of these changes what was done so far.
        """
        training = self.round_options.to_json()
        del training["device"]
        return {
            "query_size": self.query_size,
            "strategy": self.strategy,
            "clicks": self.clicks,
            "seed": self.seed,
            "training": training,
        }

    def minutes(self, clicks: int, slices: int) -> float:
        """Estimated time to annotate ``slices`` slices with ``clicks`` clicks."""
        return (clicks * self.seconds_per_click + slices * self.seconds_per_slice) / 60
