"""The queue: a row for every series of a project, those to annotate next in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from SAIMCore.acquisition import Strategy, expected_work, rank
from SAIMCore.campaign.budget import within_budget
from SAIMCore.campaign.effort import ENTROPY, EffortModel, annotation_efforts
from SAIMCore.campaign.work_done import WorkDone
from SAIMCore.project.records import POOL_STATUSES, ScoreRecord, SeriesRecord
from SAIMCore.scoring import NO_MODEL, score_name

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["QueueRow", "in_order", "queue_rows", "read_again", "with_score"]


@dataclass(frozen=True)
class QueueRow:
    """A series as a table shows it.

    rank: its place in the pool, from 1; None for those that are not in the pool. score: that of the
    strategy, by the model ``model_version`` (None when no model made it), stale when that is
    another one than asked about. predicted_minutes: for the whole series, None when nothing is
    known. annotator: whose annotation is the current one. minutes_spent, clicks: of all sittings.
    within_budget: whether the session's time suffices for it, None where no time is set.
    """

    name: str
    patient: str | None
    status: str
    reason: str | None
    pinned: bool
    skipped: bool
    slices: int
    rank: int | None
    score: float | None
    model_version: str | None
    stale: bool
    predicted_minutes: float | None
    annotator: str | None
    minutes_spent: float
    clicks: int
    within_budget: bool | None

    @property
    def in_pool(self) -> bool:
        return self.status in POOL_STATUSES

    @property
    def minutes_left(self) -> float | None:
        """Predicted minutes without those that were spent already, at least 0."""
        if self.predicted_minutes is None:
            return None
        return max(0.0, self.predicted_minutes - self.minutes_spent)


def queue_rows(project: Project, strategy: Strategy, model_version: str) -> list[QueueRow]:
    """All series of ``project``: the pool in the order of ``strategy``, then the others by name.

    Scores are those of ``model_version``; those of other models stand in, marked stale. Which of
    them fit into a session is left to ``in_order``. The same few queries for any number of series.
    """
    records = project.series()
    work = WorkDone.on_all(project)
    version = model_version if strategy.slice_scores is not None else NO_MODEL
    scores = project.scores.latest(score_name(strategy), version)
    entropies = scores
    if strategy.stored_as != ENTROPY:
        entropies = project.scores.latest(ENTROPY, model_version)
    effort = EffortModel.fit(annotation_efforts(records, work, entropies, rounds={}))
    rows = []
    for record in records:
        entropy = entropies.get(record.name)
        minutes = effort.predict(record.num_slices, entropy.value if entropy else None)
        rows.append(_row(record, work, scores.get(record.name), minutes))
    return in_order(rows, strategy)


def in_order(
    rows: Sequence[QueueRow],
    strategy: Strategy,
    budget_minutes: float | None = None,
    spent: float = 0.0,
) -> list[QueueRow]:
    """``rows`` ranked anew: the pool in the order of ``strategy``, then the others by name.

    Pinned series come before all others of the pool, skipped ones after them. budget_minutes: the
    session's time, None: no matter how long; spent: how many minutes of it are over.
    """
    pool = {row.name: row for row in rows if row.in_pool}
    work = {
        name: expected_work(row.score, row.slices, row.minutes_left) for name, row in pool.items()
    }
    names = rank({name: row.score for name, row in pool.items()}, strategy, work)
    names.sort(key=lambda name: (pool[name].skipped, not pool[name].pinned))
    queue = [pool[name] for name in names]
    fitting = None if budget_minutes is None else _fitting(queue, budget_minutes, spent)
    ordered = [
        _placed(row, place, None if fitting is None else row.name in fitting)
        for place, row in enumerate(queue, start=1)
    ]
    others = sorted((row for row in rows if not row.in_pool), key=lambda row: row.name)
    return ordered + [_placed(row, None, None) for row in others]


def with_score(row: QueueRow, value: float, model_version: str, strategy: Strategy) -> QueueRow:
    """``row`` with the score that ``model_version`` has just given it.

    Its place in the queue and its predicted minutes stay until ``in_order`` and ``queue_rows``.
    """
    version = model_version if strategy.slice_scores is not None else None
    return replace(row, score=value, model_version=version, stale=False)


def read_again(project: Project, row: QueueRow) -> QueueRow:
    """``row`` with what the project says of its series now: status, annotation, work done.

    Score, rank and predicted minutes stay. Raises ProjectError when there is no such series.
    """
    record = project.series_named(row.name)
    fresh = _row(record, WorkDone.on_one(project, row.name), None, row.predicted_minutes)
    return replace(
        fresh,
        rank=row.rank if fresh.in_pool else None,
        score=row.score,
        model_version=row.model_version,
        stale=row.stale,
        within_budget=row.within_budget if fresh.in_pool else None,
    )


def _row(
    record: SeriesRecord, work: WorkDone, score: ScoreRecord | None, minutes: float | None
) -> QueueRow:
    by_model = score is not None and score.model_version != NO_MODEL
    return QueueRow(
        name=record.name,
        patient=record.patient,
        status=record.status,
        reason=record.reason,
        pinned=record.pinned,
        skipped=record.skipped,
        slices=record.num_slices,
        rank=None,
        score=score.value if score else None,
        model_version=score.model_version if score and by_model else None,
        stale=score.stale if score else False,
        predicted_minutes=minutes,
        annotator=record.annotation.annotator if record.annotation else None,
        minutes_spent=work.minutes(record),
        clicks=work.clicks(record),
        within_budget=None,
    )


def _fitting(queue: Sequence[QueueRow], minutes: float, spent: float) -> set[str] | None:
    """Which series fit into a session; skipped ones only when all others do."""
    found = within_budget({row.name: row.minutes_left for row in queue}, minutes, spent)
    if found is None:
        return None
    fitting = set(found)
    if any(row.name not in fitting for row in queue if not row.skipped):
        fitting -= {row.name for row in queue if row.skipped}
    return fitting


def _placed(row: QueueRow, place: int | None, affordable: bool | None) -> QueueRow:
    """``row`` itself where nothing changes: most rows keep their places."""
    if row.rank == place and row.within_budget == affordable:
        return row
    return replace(row, rank=place, within_budget=affordable)
