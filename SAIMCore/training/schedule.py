"""How the learning rate changes in the course of a training."""

from __future__ import annotations

import math

from SAIMCore.errors import ConfigurationError

__all__ = ["SCHEDULES", "check_schedule", "rate_factor"]

SCHEDULES = ("constant", "cosine")


def check_schedule(name: str) -> None:
    """Raises ConfigurationError when there is no schedule ``name``."""
    if name not in SCHEDULES:
        raise ConfigurationError(
            f"unknown learning rate schedule {name!r}; choose {' or '.join(SCHEDULES)}"
        )


def rate_factor(schedule: str, step: int, steps: int) -> float:
    """What the learning rate is multiplied with in step ``step`` (from 0) of ``steps``.

    "constant" is the static rate of DDG-SIM (Mikhailov et al., 2023), section 5.1.3. "cosine"
    falls from 1 towards 0 over the whole training (Loshchilov and Hutter, 2017, without restarts),
    which lets a short training end at rest instead of in the middle of its jumps.
    """
    if schedule == "constant":
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * step / steps))
