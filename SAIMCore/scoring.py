"""Scoring the pool: no-interaction inference on every slice, one score per series.

Method: SAIM (Mikhailov et al., 2023), section 3.2. Scores are stored as they are made, under the
version of the model that made them, so a scoring that was killed goes on where it was. Before the
first model, an igniter scores in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from SAIMCore.acquisition import Strategy, expected_work, rank
from SAIMCore.errors import InvalidImageError, InvalidLabelmapError

if TYPE_CHECKING:
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.igniter.proposer import IgniterSeries
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ScoreRecord, SeriesRecord

__all__ = [
    "NO_MODEL",
    "RankedSeries",
    "ScoringOutcome",
    "ScoringProgress",
    "rank_pool",
    "score_name",
    "score_pool",
    "score_proposals",
    "score_slices",
    "scoring_version",
]

BATCH_SIZE = 16
# Version under which scores are kept that no model made (random order).
NO_MODEL = "none"


@dataclass(frozen=True)
class ScoringProgress:
    """One series of the pool has been scored: the ``done``-th of ``total``."""

    name: str
    value: float
    done: int
    total: int


@dataclass
class ScoringOutcome:
    """How a scoring ended.

    stopped: whether it was ended early. unreadable: why a series has no score, by its name: its
    image cannot be read, or the igniter has no labelmap of it that fits.
    """

    stopped: bool = False
    unreadable: dict[str, InvalidImageError | InvalidLabelmapError] = field(default_factory=dict)


@dataclass(frozen=True)
class RankedSeries:
    """A series of the pool and its score, None when it was never scored."""

    series: SeriesRecord
    score: ScoreRecord | None

    @property
    def name(self) -> str:
        return self.series.name

    @property
    def fresh(self) -> bool:
        """Whether the score is there and comes from the model that was asked about."""
        return self.score is not None and not self.score.stale


def score_name(strategy: Strategy, seed: int = 0) -> str:
    """Name under which scores are kept; those of a random strategy are others for another seed."""
    return f"{strategy.stored_as} (seed {seed})" if strategy.seeded and seed else strategy.stored_as


def rank_pool(
    project: Project,
    strategy: Strategy,
    model_version: str,
    seed: int = 0,
    minutes: Mapping[str, float | None] = MappingProxyType({}),
) -> list[RankedSeries]:
    """The pool, the series to annotate first in front: pinned ones before all others.

    Scores by other models than ``model_version`` stand in, marked stale, where it has none;
    series without any score come after those with one, and skipped series last. Strategies that
    need no prediction know no models. minutes: what each series should take, for strategies that
    go by the expected work; where they are not known the uncertainty stands for them.
    """
    version = model_version if strategy.slice_scores is not None else NO_MODEL
    pool = {record.name: record for record in project.pool()}
    scores = project.scores.latest(score_name(strategy, seed), version)
    values = {name: scores[name].value if name in scores else None for name in pool}
    work = {
        name: expected_work(values[name], record.num_slices, minutes.get(name))
        for name, record in pool.items()
    }
    order = sorted(
        rank(values, strategy, work), key=lambda name: (pool[name].skipped, not pool[name].pinned)
    )
    return [RankedSeries(pool[name], scores.get(name)) for name in order]


def scoring_version(project: Project) -> str:
    """Version under which the pool is scored now: the current model's, before it the igniter's.

    "" where there is neither, or the igniter was never opened.
    """
    from SAIMCore.project.igniter_record import read_igniter_record

    model = project.models.current()
    if model is not None:
        return model.version
    record = read_igniter_record(project)
    return "" if record is None else record.version


def score_slices(
    predictor: Predictor | None,
    slices: NDArray[Any] | None,
    strategy: Strategy,
    series_name: str,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
) -> float:
    """Score of one series from its normalized slices (S, h, w).

    ``predictor`` and ``slices`` may be None for strategies that need no prediction.
    """
    if strategy.slice_scores is None:
        return strategy.series_score([], series_name, seed)
    assert predictor is not None
    assert slices is not None
    # Read when all of them are there: a GPU need not wait between the batches.
    scores = [
        strategy.slice_scores(probabilities)
        for probabilities in predictor.automatic(slices, batch_size)
    ]
    values = [value for batch in scores for value in batch.tolist()]
    return strategy.series_score(values, series_name, seed)


def score_proposals(
    igniter: MappedIgniter, series: IgniterSeries, strategy: Strategy, seed: int = 0
) -> float:
    """Score of one series from what ``igniter`` proposes for it; one slice is held at a time.

    Raises InvalidLabelmapError when there is no proposal for it.
    """
    if strategy.slice_scores is None:
        return strategy.series_score([], series.name, seed)
    reason = igniter.no_proposal(series.name)
    if reason is not None:
        raise InvalidLabelmapError(reason)
    values = {
        index: float(strategy.slice_scores(probabilities[None])[0])
        for index, probabilities in igniter.proposals(series)
    }
    return strategy.series_score([values[index] for index in sorted(values)], series.name, seed)


def score_pool(
    project: Project,
    predictor: Predictor | MappedIgniter | None,
    strategy: Strategy,
    *,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
    names: Iterable[str] | None = None,
    report: Callable[[ScoringProgress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ScoringOutcome:
    """Score every series of the pool that this model has not scored yet.

    One series is held at a time, so memory does not grow with the pool. ``names`` restricts the
    work to some series. A series whose image cannot be read stays without a score and does not
    keep the others from theirs. When ``should_stop`` ends it early, what was scored stays.
    """
    version = predictor.version if predictor else NO_MODEL
    kept_as = score_name(strategy, seed)
    missing = project.scores.missing(kept_as, version)
    if names is not None:
        wanted = set(names)
        missing = [name for name in missing if name in wanted]
    outcome = ScoringOutcome()
    for done, name in enumerate(missing, start=1):
        try:
            value = _score(project, predictor, strategy, name, seed, batch_size)
        except (InvalidImageError, InvalidLabelmapError) as error:
            outcome.unreadable[name] = error
        else:
            project.scores.record(kept_as, version, {name: value})
            report(ScoringProgress(name, value, done, len(missing)))
        if should_stop() and done < len(missing):
            outcome.stopped = True
            break
    return outcome


def _score(
    project: Project,
    model: Predictor | MappedIgniter | None,
    strategy: Strategy,
    name: str,
    seed: int,
    batch_size: int,
) -> float:
    # Imported here: what needs no igniter need not wait for what runs one.
    from SAIMCore.igniter.mapped import MappedIgniter

    if isinstance(model, MappedIgniter):
        from SAIMCore.project.igniter import igniter_series

        return score_proposals(model, igniter_series(project, name), strategy, seed)
    slices = _slices(project, model, name) if strategy.slice_scores else None
    return score_slices(model, slices, strategy, name, seed, batch_size)


def _slices(project: Project, predictor: Predictor | None, name: str) -> NDArray[Any]:
    preprocessing = predictor.config.preprocessing if predictor else None
    return project.cached(name, preprocessing).slices
