"""Rows of the queue as the page shows them: a part at a time, in words."""

from __future__ import annotations

from typing import Any

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.queue_view import QueueView
from SAIMCore.project.records import POOL_STATUSES, STATUSES
from SAIMWeb.sentences import count_of, in_minutes
from SAIMWeb.series_commands import offered_commands, possible_commands

__all__ = ["ROWS_PER_PAGE", "SORTS", "STATUS_CHOICES", "page_count", "rows_of_page", "shown_row"]

# So many rows go to the browser at a time, however many there are.
ROWS_PER_PAGE = 40
# Which rows are shown, by what the user chooses.
STATUS_CHOICES: dict[str, tuple[str, ...]] = {
    "to annotate": POOL_STATUSES,
    **{status: (status,) for status in STATUSES},
}
# By which column of ``QueueView``, by what the user chooses; None: as the queue is.
SORTS: dict[str, str | None] = {
    "rank": None,
    "name": "name",
    "score": "score",
    "status": "status",
    "predicted time": "predicted_minutes",
    "time spent": "minutes_spent",
}


def page_count(view: QueueView) -> int:
    """How many pages the rows of ``view`` take, at least 1."""
    return max(1, -(-len(view) // ROWS_PER_PAGE))


def rows_of_page(view: QueueView, page: int) -> list[QueueRow]:
    """The rows of a page, from 1; the last one's for a page that there is not any more."""
    first = (min(max(page, 1), page_count(view)) - 1) * ROWS_PER_PAGE
    return [view.row(place) for place in range(first, min(first + ROWS_PER_PAGE, len(view)))]


def shown_row(row: QueueRow, thumbnail: str, unreadable: str, *, writable: bool) -> dict[str, Any]:
    """What the page gets of a row.

    thumbnail: the address of its picture, "" for none. unreadable: why it has no score, "" where it
    has one or was not asked for one.
    """
    return {
        "name": row.name,
        "status": row.status,
        "rank": row.rank,
        "score": "" if row.score is None else f"{row.score:.3f}",
        "model": row.model_version or "",
        "stale": row.stale,
        "pinned": row.pinned,
        "skipped": row.skipped,
        "late": row.within_budget is False,
        "details": " · ".join(_details(row, unreadable)),
        "facts": "\n".join(_facts(row, unreadable)),
        "menu": offered_commands(row),
        "can": possible_commands(row) if writable else [],
        "thumbnail": thumbnail,
    }


def _details(row: QueueRow, unreadable: str) -> list[str]:
    """What matters most of it, in a line: what it takes, or what it took."""
    reason = row.reason or unreadable
    parts = [reason] if reason else []
    if row.in_pool:
        if row.minutes_left is not None:
            parts.append(f"{in_minutes(row.minutes_left)} left")
    else:
        if row.annotator:
            parts.append(row.annotator)
        if row.minutes_spent:
            parts.append(in_minutes(row.minutes_spent))
    parts.append(count_of(row.slices, "slice"))
    if row.clicks:
        parts.append(count_of(row.clicks, "click"))
    return parts


def _facts(row: QueueRow, unreadable: str) -> list[str]:
    """All that is known of it, line by line."""
    patient = f", patient {row.patient}" if row.patient else ""
    facts = [f"{row.name}{patient}", f"{row.status}, {count_of(row.slices, 'slice')}"]
    if row.pinned:
        facts.append("pinned to the head of the queue")
    if row.skipped:
        facts.append("skipped to the end of the queue")
    if row.reason:
        facts.append(f"reason: {row.reason}")
    if unreadable:
        facts.append(f"without a score: {unreadable}")
    if row.score is not None:
        facts.append(f"score {row.score:.3f}{_origin(row)}")
    if row.in_pool and row.predicted_minutes is not None:
        facts.append(f"predicted: {in_minutes(row.predicted_minutes)}")
    if row.within_budget is False:
        facts.append("does not fit into the time of the session")
    if row.minutes_spent or row.clicks:
        facts.append(f"spent: {in_minutes(row.minutes_spent)}, {count_of(row.clicks, 'click')}")
    if row.annotator:
        facts.append(f"annotated by {row.annotator}")
    return facts


def _origin(row: QueueRow) -> str:
    if row.model_version is None:
        return ""
    if row.stale:
        return f" by the earlier model {row.model_version}; score the pool again to ask the new one"
    return f" by {row.model_version}"
