"""Time: what is left to do of a campaign, and what fits into one session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from SAIMCore.campaign.queue import QueueRow

__all__ = ["hours_left", "share_done", "within_budget"]


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


def within_budget(queue: Sequence[QueueRow], minutes: float, spent: float = 0.0) -> int | None:
    """How many series from the head of ``queue`` fit into the rest of a session.

    minutes: how long it shall take. spent: how much of that is over; as long as nothing is, at
    least one series fits. None where the minutes of a series that may fit are not known.
    """
    used = spent
    for count, row in enumerate(queue):
        if row.minutes_left is None:
            return None
        used += row.minutes_left
        if used > minutes:
            return count if count or spent else 1
    return len(queue)
