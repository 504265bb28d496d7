"""One sentence on what to do next with a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord, ScoreRecord, SeriesRecord

__all__ = ["count_statuses", "next_step", "stale_and_unscored"]


def count_statuses(project: Project) -> dict[str, int]:
    """Series per status, those without series included."""
    from SAIMCore.project.records import STATUSES

    counts = Counter(record.status for record in project.series())
    return {status: counts[status] for status in STATUSES}


def next_step(project: Project) -> str:
    """What the user should do now, with the command for it."""
    folder = project.folder
    interrupted = project.rounds.running()
    if interrupted is not None:
        return _about_round(project, interrupted.number)
    lacking = _lacking(project)
    if lacking is not None:
        return lacking
    current = project.models.current()
    if current is None:
        return f"train the first model: saim train {folder}"
    pool = project.pool()
    new = _annotated_since(project, current)
    if new and (not pool or len(new) >= project.settings.selection.query_size):
        return f"train on the {len(new)} series annotated since {current.version}: saim train {folder}"
    if not pool:
        return (
            f"every series is annotated; segment new ones with {current.version}: "
            f"saim predict {folder} IMAGE -o FILE"
        )
    scores = project.scores.latest(_stored_as(project), current.version)
    stale, unscored = stale_and_unscored(pool, scores)
    if stale or unscored:
        return f"find out which series to annotate next: saim rank {folder}"
    return f"annotate the first series that 'saim rank {folder}' lists"


def stale_and_unscored(
    pool: Sequence[SeriesRecord], scores: dict[str, ScoreRecord]
) -> tuple[int, int]:
    """How many series of the pool have a stale score, and how many have none."""
    found = [scores.get(record.name) for record in pool]
    stale = sum(score is not None and score.stale for score in found)
    return stale, sum(score is None for score in found)
