"""Time: what is left to do of a campaign, and what fits into one session."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from SAIMCore.errors import ConfigurationError

if TYPE_CHECKING:
    from SAIMCore.campaign.queue import QueueRow

__all__ = ["hours_left", "require_time", "share_done", "within_budget"]


def require_time(minutes: float | None) -> None:
    """Raise ConfigurationError for a session of so many minutes, None for any, that cannot be."""
    if minutes is not None and not 0 < minutes < math.inf:
        raise ConfigurationError(
            f"a session takes more than 0 minutes, not {minutes:g}; give none where time does not "
            "matter"
        )


def hours_left(rows: Sequence[QueueRow]) -> float | None:
    """Hours until the whole pool among ``rows`` is annotated; None when nothing is known yet."""
    minutes = [row.minutes_left for row in rows if row.in_pool]
    known = [value for value in minutes if value is not None]
    return sum(known) / 60 if len(known) == len(minutes) else None


def share_done(rows: Sequence[QueueRow]) -> float | None:
    """Annotated series as a share (0 to 1) of these and the pool; None when there are neither.

    Validation, test and excluded series count on neither side.
    """
    done = sum(row.status == "annotated" for row in rows)
    total = done + sum(row.in_pool for row in rows)
    return done / total if total else None


def within_budget(
    expected: Mapping[str, float | None], minutes: float, spent: float = 0.0
) -> list[str] | None:
    """The series that fill the rest of a session of so many ``minutes``, in the order given.

    expected: the minutes that each series of the queue should take, by name, the first one of the
    queue in front. One that is too long for what is left is passed over, and shorter ones after it
    fill the time. spent: how many minutes are over; as long as none are, the first series fits
    where none does. None where the minutes of a series are not known.

    Ma et al. (igniter and sustainer), section 3.3: sessions of 60, 120 or 180 minutes are filled
    with easy series, or with hard ones.
    """
    found, used = [], spent
    for name, needed in expected.items():
        if needed is None:
            return None
        if used + needed <= minutes:
            found.append(name)
            used += needed
    return found or ([] if spent else list(expected)[:1])
