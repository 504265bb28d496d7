"""Scoring the pool: no-interaction inference on every slice, one score per series.

Method: SAIM (Mikhailov et al., 2023), section 3.2. Scores are stored as they are made, under the
version of the model that made them, so a scoring that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from SAIMCore.acquisition import Strategy

if TYPE_CHECKING:
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project

__all__ = ["ScoringProgress", "score_pool", "score_slices"]

BATCH_SIZE = 16


@dataclass(frozen=True)
class ScoringProgress:
    """One series of the pool has been scored: the ``done``-th of ``total``."""

    name: str
    value: float
    done: int
    total: int


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
    values: list[float] = []
    if strategy.slice_scores is not None:
        assert predictor is not None and slices is not None
        for probabilities in predictor.automatic(slices, batch_size):
            values.extend(strategy.slice_scores(probabilities).tolist())
    return strategy.series_score(values, series_name, seed)


def score_pool(
    project: Project,
    predictor: Predictor | None,
    strategy: Strategy,
    *,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
    names: Iterable[str] | None = None,
    report: Callable[[ScoringProgress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Score every series of the pool that this model has not scored yet.

    One series is held at a time, so memory does not grow with the pool. ``names`` restricts the
    work to some series. Returns False when ``should_stop`` ended it early; what was scored stays.
    """
    version = predictor.version if predictor else NO_MODEL
    missing = project.scores.missing(strategy.stored_as, version)
    if names is not None:
        wanted = set(names)
        missing = [name for name in missing if name in wanted]
    for done, (name, value) in enumerate(
        _values(project, predictor, strategy, missing, seed, batch_size), start=1
    ):
        project.scores.record(strategy.stored_as, version, {name: value})
        report(ScoringProgress(name, value, done, len(missing)))
        if should_stop() and done < len(missing):
            return False
    return True


# Version under which scores are kept that no model made (random order).
NO_MODEL = "none"


def _values(
    project: Project,
    predictor: Predictor | None,
    strategy: Strategy,
    names: Iterable[str],
    seed: int,
    batch_size: int,
) -> Iterator[tuple[str, float]]:
    for name in names:
        slices = _slices(project, predictor, name) if strategy.slice_scores else None
        yield name, score_slices(predictor, slices, strategy, name, seed, batch_size)


def _slices(project: Project, predictor: Predictor | None, name: str) -> NDArray[Any]:
    preprocessing = predictor.config.preprocessing if predictor else None
    return project.cached(name, preprocessing).slices
