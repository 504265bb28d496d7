"""The pool in the order of a strategy, with what was measured so far taken into account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SAIMCore.campaign.queue import queue_rows
from SAIMCore.scoring import RankedSeries, rank_pool

if TYPE_CHECKING:
    from SAIMCore.acquisition import Strategy
    from SAIMCore.project.project import Project

__all__ = ["ordered_pool"]


def ordered_pool(
    project: Project, strategy: Strategy, model_version: str, seed: int = 0
) -> list[RankedSeries]:
    """``rank_pool``; easy-first and hard-first go by the minutes that each series should take."""
    if not strategy.by_work:
        return rank_pool(project, strategy, model_version, seed)
    rows = queue_rows(project, strategy, model_version)
    minutes = {row.name: row.minutes_left for row in rows if row.in_pool}
    return rank_pool(project, strategy, model_version, seed, minutes)
