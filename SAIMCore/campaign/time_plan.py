"""The plan of a session of limited time: which series fit, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.project.records import LABELED_STATUSES

__all__ = ["PlanEntry", "TimePlan", "followed", "planned"]


@dataclass(frozen=True)
class PlanEntry:
    """A series of a session.

    predicted: minutes that it should take from the beginning of the session on, None where nobody
    knew. measured: minutes for which annotators were active at it in the session. accepted: whether
    it has an annotation since. planned: whether the plan asked for it.
    """

    series: str
    predicted: float | None = None
    measured: float = 0.0
    accepted: bool = False
    planned: bool = True


@dataclass(frozen=True)
class TimePlan:
    """What a session of so many ``minutes`` was to bring, and what it brought.

    began, latest: when it was made, and when something was last done under it (UTC, ISO 8601).
    order: name of the strategy. model_version: the model that was asked, None without one.
    """

    began: str
    latest: str
    minutes: float
    order: str
    model_version: str | None = None
    series: tuple[PlanEntry, ...] = ()

    @property
    def planned(self) -> list[PlanEntry]:
        """The series that the plan asked for."""
        return [entry for entry in self.series if entry.planned]

    @property
    def accepted(self) -> list[PlanEntry]:
        """The series that were accepted in the session, planned or not."""
        return [entry for entry in self.series if entry.accepted]

    @property
    def begun(self) -> bool:
        """Whether anything was done in the session."""
        return any(entry.accepted or entry.measured for entry in self.series)

    @property
    def predicted_minutes(self) -> float:
        """What all planned series together should take."""
        return sum(entry.predicted or 0.0 for entry in self.planned)

    @property
    def measured_minutes(self) -> float:
        """What all series of the session took so far."""
        return sum(entry.measured for entry in self.series)

    @property
    def held(self) -> tuple[float, float] | None:
        """Predicted and measured minutes of the accepted series of which both are known.

        None: there is none yet.
        """
        both = [
            (entry.predicted, entry.measured)
            for entry in self.accepted
            if entry.predicted is not None and entry.measured
        ]
        if not both:
            return None
        predicted, measured = zip(*both, strict=True)
        return sum(predicted), sum(measured)


def planned(
    rows: Iterable[QueueRow], minutes: float, order: str, model_version: str | None, now: str
) -> TimePlan | None:
    """The plan for ``minutes`` minutes from ``now`` (UTC, ISO 8601) on; None where nobody knows.

    rows: the queue in its order, with what fits into the time marked (see ``in_order``).
    """
    pool = [row for row in rows if row.in_pool]
    if any(row.within_budget is None for row in pool):
        return None
    entries = tuple(PlanEntry(row.name, row.minutes_left) for row in pool if row.within_budget)
    return TimePlan(now, now, minutes, order, model_version, entries)


def followed(
    plan: TimePlan, rows: Mapping[str, QueueRow], before: Mapping[str, QueueRow], now: str
) -> TimePlan:
    """``plan`` with what was done since it was made; itself where that is nothing new.

    rows, before: all series by name, now and when the session began.
    """
    entries = [_followed(entry, rows, before) for entry in plan.planned]
    asked = {entry.series for entry in entries}
    for name, row in before.items():
        # Only what may have been worked on is looked at closely: a pool can be large.
        if name not in asked and name in rows and rows[name].minutes_spent != row.minutes_spent:
            predicted = row.minutes_left if row.in_pool else None
            entries.append(_followed(PlanEntry(name, predicted, planned=False), rows, before))
    if tuple(entries) == plan.series:
        return plan
    return replace(plan, series=tuple(entries), latest=now)


def _followed(
    entry: PlanEntry, rows: Mapping[str, QueueRow], before: Mapping[str, QueueRow]
) -> PlanEntry:
    row, earlier = rows.get(entry.series), before.get(entry.series)
    if row is None or earlier is None:
        return entry
    return replace(
        entry,
        measured=max(0.0, row.minutes_spent - earlier.minutes_spent),
        accepted=earlier.in_pool and row.status in LABELED_STATUSES,
    )
