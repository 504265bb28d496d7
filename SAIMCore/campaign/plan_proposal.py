"""A plan for so many minutes, proposed without a session: what it rests on, and what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SAIMCore.campaign.effort import ENTROPY, LEAST_RELATED, EffortModel, effort_over_time
from SAIMCore.campaign.queue import QueueRow, in_order, queue_rows
from SAIMCore.scoring import scoring_version

if TYPE_CHECKING:
    from SAIMCore.acquisition import Strategy
    from SAIMCore.project.project import Project

__all__ = ["PlanProposal", "propose_plan"]


@dataclass(frozen=True)
class PlanProposal:
    """The pool in the order that a session would take it.

    rows: all of the pool; those that fit into the time are marked, None where nobody knows.
    unknown: what is not known, or only roughly, a sentence each.
    """

    rows: tuple[QueueRow, ...]
    unknown: tuple[str, ...]

    @property
    def fitting(self) -> list[QueueRow] | None:
        """The series to annotate in the session; None where nobody knows what they take."""
        if any(row.within_budget is None for row in self.rows):
            return None
        return [row for row in self.rows if row.within_budget]


def propose_plan(project: Project, strategy: Strategy, minutes: float) -> PlanProposal:
    """What to annotate in ``minutes`` minutes, in the order of ``strategy``.

    Nothing is written, and nothing scored: the scores are those that are there.
    """
    version = scoring_version(project)
    rows = in_order(queue_rows(project, strategy, version), strategy, minutes)
    pool = tuple(row for row in rows if row.in_pool)
    return PlanProposal(pool, tuple(_unknown(project, strategy, pool, version)))


def _unknown(
    project: Project, strategy: Strategy, pool: Sequence[QueueRow], version: str
) -> list[str]:
    if not pool:
        return []
    efforts = effort_over_time(project)
    model = EffortModel.fit(efforts)
    timed = sum(effort.minutes is not None for effort in efforts)
    found = [_about_minutes(strategy, model, timed)]
    scored = sum(row.score is not None for row in pool)
    if strategy.stored_as != ENTROPY and model.slope:
        entropies = project.scores.latest(ENTROPY, version)
        found.append(_about_scores(project, ENTROPY, sum(r.name in entropies for r in pool), pool))
    found.append(_about_scores(project, strategy.name, scored, pool))
    stale = sum(row.stale for row in pool)
    if stale:
        found.append(
            f"the scores of {stale} series are by an earlier model: "
            f"{_scoring(project, strategy.name)}"
        )
    return [sentence for sentence in found if sentence]


def _about_minutes(strategy: Strategy, model: EffortModel, timed: int) -> str:
    if not timed:
        instead = "; the order is that of uncertainty x slices" if strategy.by_work else ""
        return (
            "how many minutes a series takes is not known before one was annotated with its time "
            f"measured{instead}"
        )
    if model.slope:
        return ""
    if timed < LEAST_RELATED:
        return (
            f"the minutes are those of a usual slice, from {timed} annotated series with a known "
            f"time; from {LEAST_RELATED} on they may follow the model's uncertainty"
        )
    return "so far the minutes do not follow the model's uncertainty: they are of a usual slice"


def _about_scores(project: Project, order: str, scored: int, pool: Sequence[QueueRow]) -> str:
    missing = len(pool) - scored
    if not missing:
        return ""
    return f"{missing} of {len(pool)} series have no {order} score yet: {_scoring(project, order)}"


def _scoring(project: Project, order: str) -> str:
    return f"saim rank {project.folder} --strategy {order}"
