"""The time of a session: what of it is over, and the plan that was made for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from SAIMCore.campaign.time_plan import TimePlan, followed, planned
from SAIMCore.project.clock import computer_time

if TYPE_CHECKING:
    from SAIMCore.campaign.queue import QueueRow

__all__ = ["SessionTime"]

Rows = Mapping[str, "QueueRow"]


class SessionTime:
    """A session, from ``begin`` on.

    plan: what was planned for it, None where its time is not limited, or nobody knows yet what
    fits into it.
    """

    def __init__(self) -> None:
        self.plan: TimePlan | None = None
        # All series when it began, None: it begins with the first ones that are read.
        self._before: Rows | None = None
        # All series when the plan was made.
        self._planned_from: Rows = {}

    def begin(self, rows: Rows) -> None:
        """Begin anew with these series; without any, as soon as there are some."""
        self.plan = None
        self._before = dict(rows) or None

    def go_on(self) -> None:
        """The same session with other minutes or another order: what is left is planned anew."""
        self.plan = None

    def spent(self, rows: Rows) -> float:
        """Minutes that annotators were active at ``rows`` since it began."""
        if self._before is None:
            return 0.0
        return max(0.0, _minutes(rows) - _minutes(self._before))

    def follow(
        self, rows: Rows, budget_minutes: float | None, order: str, model_version: str | None
    ) -> None:
        """Make the plan as soon as that is possible, and note what is done under it.

        rows: all series, in the order of the queue. budget_minutes: the time of the session, None
        where it is not limited.
        """
        if self._before is None:
            self.begin(rows)
        now = computer_time()
        if budget_minutes is None or self._before is None:
            self.plan = None
        elif self.plan is not None:
            self.plan = followed(self.plan, rows, self._planned_from, now)
        else:
            left = budget_minutes - self.spent(rows)
            if left > 0:
                self.plan = planned(rows.values(), left, order, model_version, now)
                self._planned_from = dict(rows)


def _minutes(rows: Rows) -> float:
    return math.fsum(row.minutes_spent for row in rows.values())
