"""Rows of the queue as the page shows them: a part at a time, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.queue_view import QueueView

__all__ = ["ROWS_PER_PAGE", "page_count", "rows_of_page", "shown_row"]

# So many rows go to the browser at a time, however many there are.
ROWS_PER_PAGE = 40


def page_count(view: QueueView) -> int:
    """How many pages the rows of ``view`` take, at least 1."""
    return max(1, -(-len(view) // ROWS_PER_PAGE))


def rows_of_page(view: QueueView, page: int) -> list[QueueRow]:
    """The rows of a page, from 1; the last one's for a page that there is not any more."""
    first = (min(max(page, 1), page_count(view)) - 1) * ROWS_PER_PAGE
    return [view.row(place) for place in range(first, min(first + ROWS_PER_PAGE, len(view)))]


def shown_row(row: QueueRow, thumbnail: Callable[[str], str]) -> dict[str, Any]:
    """What the page gets of a row; ``thumbnail`` gives the address of its picture, "" for none."""
    return {
        "name": row.name,
        "patient": row.patient or "",
        "status": row.status,
        "rank": row.rank,
        "score": "" if row.score is None else f"{row.score:.3f}",
        "stale": row.stale,
        "pinned": row.pinned,
        "skipped": row.skipped,
        "details": _details(row),
        "thumbnail": thumbnail(row.name),
    }


def _details(row: QueueRow) -> str:
    """How large it is, and what it takes or took."""
    parts = [_count(row.slices, "slice")]
    if row.in_pool and row.minutes_left is not None:
        parts.append(f"{_minutes(row.minutes_left)} left")
    elif row.minutes_spent:
        parts.append(_minutes(row.minutes_spent))
    if row.clicks:
        parts.append(_count(row.clicks, "click"))
    if row.reason:
        parts.append(row.reason)
    return " · ".join(parts)


def _minutes(minutes: float) -> str:
    return "under 1 min" if minutes < 1 else f"{minutes:.0f} min"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
