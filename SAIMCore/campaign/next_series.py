"""Which series of the queue is opened next."""

from __future__ import annotations

from SAIMCore.campaign.series_queue import SeriesQueue
from SAIMCore.errors import ProjectError

__all__ = ["NextSeries"]


class NextSeries:
    """The first series of ``queue``, those that were put off in this sitting after all others.

    Else it would be the one that the user has just closed, or that has just failed to open.
    """

    def __init__(self, queue: SeriesQueue) -> None:
        self._queue = queue
        # The latest is the last.
        self._put_off: dict[str, None] = {}

    def put_off(self, name: str) -> None:
        """Let all others come first."""
        self._put_off.pop(name, None)
        self._put_off[name] = None

    def after(self, current: str | None) -> str | None:
        """The series to open while ``current`` is open; None when there is none."""
        later = list(self._put_off)
        while True:
            name = self._queue.next(without=[current, *later])
            if name is not None or not later:
                return name
            # What was put off first comes first.
            later.pop(0)

    def required(self, current: str | None) -> str:
        """``after``; raises ProjectError, which says why, when there is none."""
        name = self.after(current)
        if name is None:
            raise ProjectError(self.why_none(current))
        return name

    def why_none(self, current: str | None) -> str:
        """Why there is no series to open while ``current`` is open, and what to do."""
        if not self._queue.rows:
            return "the queue is still being read; try again in a moment"
        left = [row.name for row in self._queue.rows if row.in_pool]
        if not left:
            return "every series of the pool is annotated"
        if left == [current]:
            return f"{current}, which is open, is the last series of the pool"
        return (
            "no series of the queue fits into what is left of the session's time; give it more "
            "time, or choose a series of the queue"
        )
