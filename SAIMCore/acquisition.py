"""Acquisition: which series of the pool to annotate next, from what the network says of them.

Method: SAIM (Mikhailov et al., 2023), section 3.2. A score is computed per pixel from the class
probabilities, averaged over the pixels of a slice, and then over the slices of a series; the
series with the highest scores are annotated first. Scores and selection are pure functions.

Probabilities are tensors (B, N, H, W) on any device, one slice per item, **without padding**:
every pixel that is passed in counts.

A new strategy is one function here and one entry in ``STRATEGIES``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from SAIMCore.errors import ConfigurationError
from SAIMCore.likeliest import likeliest_class

__all__ = [
    "STRATEGIES",
    "Strategy",
    "class_balanced_entropy",
    "entropy",
    "expected_work",
    "foreground_fraction",
    "least_confidence",
    "margin",
    "pixel_entropy",
    "rank",
    "strategy_named",
    "unscored",
]


def pixel_entropy(probabilities: Tensor) -> Tensor:
    """Entropy of the class distribution of every pixel: (..., N, H, W) to (..., H, W) float32.

    Natural logarithm divided by that of N: 0 is certain, 1 is all classes alike, for any N.
    """
    values: Tensor = torch.special.entr(probabilities.float()).sum(dim=-3)
    return values / math.log(probabilities.shape[-3])


def entropy(probabilities: Tensor) -> Tensor:
    """Mean pixel entropy per slice, (B,). The paper's criterion."""
    return pixel_entropy(probabilities).mean(dim=(-2, -1))


def least_confidence(probabilities: Tensor) -> Tensor:
    """Mean of 1 - p of the likeliest class per slice, (B,)."""
    return (1 - probabilities.float().amax(dim=1)).mean(dim=(-2, -1))


def margin(probabilities: Tensor) -> Tensor:
    """Mean of 1 - (p of the likeliest - p of the second likeliest class) per slice, (B,)."""
    first = probabilities[:, 0].float()
    second = torch.zeros_like(first)
    # A running maximum over the few classes is much faster than a sort along a strided axis.
    for index in range(1, probabilities.shape[1]):
        current = probabilities[:, index].float()
        second = torch.maximum(second, torch.minimum(first, current))
        first = torch.maximum(first, current)
    return (1 - (first - second)).mean(dim=(-2, -1))


def class_balanced_entropy(probabilities: Tensor) -> Tensor:
    """Mean over the predicted classes of the mean pixel entropy there, per slice, (B,).

    A small structure weighs as much as the background.
    """
    values = pixel_entropy(probabilities).flatten(1)
    predicted = likeliest_class(probabilities).long().flatten(1)
    sums = values.new_zeros(probabilities.shape[:2])
    counts = torch.zeros_like(sums)
    sums.scatter_add_(1, predicted, values)
    counts.scatter_add_(1, predicted, torch.ones_like(values))
    return (sums / counts.clamp(min=1)).sum(dim=1) / (counts > 0).sum(dim=1)


def foreground_fraction(probabilities: Tensor) -> Tensor:
    """Share of the pixels whose likeliest class is not the background, per slice, (B,)."""
    return (likeliest_class(probabilities) > 0).float().mean(dim=(-2, -1))


def _average(slice_scores: Sequence[float], series_name: str, seed: int) -> float:
    return fmean(slice_scores)


def _draw(series_name: str, seed: int) -> float:
    """A number in (0, 1] that depends on the series' name and the seed alone.

    So a pool scored in several sittings, or in another order, gets the same order.
    """
    return 1 - float(np.random.default_rng([seed, *series_name.encode()]).random())


def _random(slice_scores: Sequence[float], series_name: str, seed: int) -> float:
    return _draw(series_name, seed)


def _weighted_random(slice_scores: Sequence[float], series_name: str, seed: int) -> float:
    """Draw without replacement with a chance proportional to the predicted foreground.

    Efraimidis and Spirakis, 2006: ordering by E / w, E exponentially distributed, w the weight,
    is drawing one after the other with probabilities proportional to w. The score w / (w + E)
    puts the smallest E / w first and stays in (0, 1); series without predicted foreground get
    scores from -1 to 0, so they come after all others, in random order.
    """
    weight, drawn = fmean(slice_scores), _draw(series_name, seed)
    if weight == 0:
        return drawn - 1
    return weight / (weight - math.log(drawn))


@dataclass(frozen=True)
class Strategy:
    """One way of ordering the pool.

    ``description`` is shown to users. ``slice_scores`` takes unpadded probabilities (B, N, H, W)
    to scores (B,); None when the strategy needs no prediction. ``stored_as`` names the score:
    strategies that share it (entropy and easy-first) need the pool to be scored only once.
    by_work: the order is that of the work that is expected (see ``expected_work``), not of the
    score alone.
    """

    name: str
    description: str
    stored_as: str
    slice_scores: Callable[[Tensor], Tensor] | None
    combine: Callable[[Sequence[float], str, int], float] = _average
    highest_first: bool = True
    by_work: bool = False

    @property
    def seeded(self) -> bool:
        """Whether the seed changes the scores."""
        return self.combine is not _average

    def series_score(self, slice_scores: Sequence[float], series_name: str, seed: int = 0) -> float:
        """Score of one series from the scores of all its slices (empty where none are needed).

        ``seed`` (0 or above) matters to the random strategies only. Raises ConfigurationError
        when slice scores are needed and there are none.
        """
        if self.slice_scores is not None and len(slice_scores) == 0:
            raise ConfigurationError(
                f"series {series_name!r} has no slice scores for the strategy {self.name!r}; "
                "score its slices first"
            )
        return self.combine(slice_scores, series_name, seed)


STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy(
            "entropy",
            "Series about which the model is most unsure over all classes come first.",
            "entropy",
            entropy,
        ),
        Strategy(
            "least-confidence",
            "Series in which the winning class is least probable come first.",
            "least-confidence",
            least_confidence,
        ),
        Strategy(
            "margin",
            "Series in which the two likeliest classes are closest to each other come first.",
            "margin",
            margin,
        ),
        Strategy(
            "class-balanced-entropy",
            "Like entropy, but every predicted class counts the same, however small it is.",
            "class-balanced-entropy",
            class_balanced_entropy,
        ),
        Strategy(
            "random",
            "Series come in a random order that the seed fixes; no model is needed.",
            "random",
            None,
            _random,
        ),
        Strategy(
            "foreground-random",
            "Series are drawn at random, the likelier the more foreground the model finds in them.",
            "foreground-random",
            foreground_fraction,
            _weighted_random,
        ),
        Strategy(
            "easy-first",
            "Series that should take the least time come first, so that a session yields many.",
            "entropy",
            entropy,
            highest_first=False,
            by_work=True,
        ),
        Strategy(
            "hard-first",
            "Series that should take the most time come first, so that a session yields few.",
            "entropy",
            entropy,
            by_work=True,
        ),
    )
}


def strategy_named(name: str) -> Strategy:
    """The strategy called ``name``. Raises ConfigurationError when there is none."""
    if name not in STRATEGIES:
        raise ConfigurationError(
            f"unknown strategy {name!r}; choose one of {', '.join(STRATEGIES)}"
        )
    return STRATEGIES[name]


def _is_scored(score: float | None) -> bool:
    return score is not None and math.isfinite(score)


def unscored(scores: Mapping[str, float | None]) -> list[str]:
    """Names of the series that have no score (None, or not a finite number), in name order."""
    return sorted(name for name, score in scores.items() if not _is_scored(score))


def expected_work(score: float | None, slices: int, minutes: float | None) -> float | None:
    """What annotating a series is expected to take, to be compared within one pool.

    minutes: as predicted from those that were measured; as long as there are none (None), the
    uncertainty ``score`` of all its ``slices`` together stands for them. None: neither is known.

    Easy-first: Ma et al. (igniter and sustainer), section 2.2, who let experts judge it.
    """
    if minutes is not None:
        return minutes
    return None if score is None else score * slices


def rank(
    scores: Mapping[str, float | None],
    strategy: Strategy,
    work: Mapping[str, float | None] | None = None,
) -> list[str]:
    """Names of the series, the one to annotate first in front; ties go by name.

    A missing score is not a score of 0: series without one come last, in name order, whichever
    way the strategy sorts; ``unscored`` tells which they are, so that they can be marked.

    work: ``expected_work`` of every series, by which a strategy goes that is ``by_work``; then
    scores decide between those that take the same, and series of unknown work come last.
    """
    scored = {name: score for name, score in scores.items() if score is not None}
    direction = -1 if strategy.highest_first else 1
    last = unscored(scores)
    names = scored.keys() - set(last)
    ranked = sorted(names, key=lambda name: (direction * scored[name], name)) + last
    if work is None or not strategy.by_work:
        return ranked
    unknown = set(unscored(work))
    values = {name: direction * (work[name] or 0.0) for name in ranked}
    return sorted(ranked, key=lambda name: (name in unknown, name not in unknown and values[name]))
