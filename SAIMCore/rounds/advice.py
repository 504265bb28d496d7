"""Is the initial model good enough to start, and if not, how much more must be annotated?

Method: SAIM (Mikhailov et al., 2023), section 4.2: the initial set should be as small as possible
with an IoU above 50 % for every class or, where that cannot be had, an mIoU above 50 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from SAIMCore.rounds.error_curve import falling_exponent

__all__ = ["Advice", "Measurement", "advise"]

GOOD_ENOUGH = 0.5
# A curve that is nearly flat would ask for thousands of series.
LARGEST_GROWTH = 11


@dataclass(frozen=True)
class Measurement:
    """A model trained on ``series`` annotated series has these IoUs (0 to 1) on the test set."""

    series: int
    iou: dict[str, float]

    @property
    def mean_iou(self) -> float:
        values = [value for value in self.iou.values() if not math.isnan(value)]
        return sum(values) / len(values) if values else 0.0


@dataclass(frozen=True)
class Advice:
    """Whether to start the loop; ``more_series`` to annotate first and the expected mIoU then."""

    good_enough: bool
    sentence: str
    more_series: int = 0
    expected: float | None = None


def advise(measurements: Sequence[Measurement]) -> Advice:
    """Advise from the models trained so far, oldest first; the last one is judged.

    With models of at least two sizes of the training set, the error 1 - mIoU is continued as a
    power of the number of series, which learning curves follow closely. With one size only there
    is nothing to continue, and doubling the set is the usual step.
    """
    latest = measurements[-1]
    weakest = min(latest.iou, key=lambda name: _sortable(latest.iou[name]))
    if all(_sortable(value) > GOOD_ENOUGH for value in latest.iou.values()):
        return Advice(
            True,
            f"the model is good enough to start: every class has an IoU above 50 % (the lowest is "
            f"{weakest} with {100 * latest.iou[weakest]:.1f} %)",
        )
    if latest.mean_iou > GOOD_ENOUGH:
        return Advice(
            True,
            f"the model is good enough to start: its mIoU is {100 * latest.mean_iou:.1f} %, though "
            f"{weakest} stays below 50 %",
        )
    more = latest.series
    expected = None
    exponent = falling_exponent({entry.series: 1 - entry.mean_iou for entry in measurements})
    if exponent is not None:
        needed = math.log((1 - latest.mean_iou) / (1 - GOOD_ENOUGH)) / exponent
        growth = math.exp(min(needed, math.log(LARGEST_GROWTH)))
        more = max(1, math.ceil(round(latest.series * growth, 6)) - latest.series)
        grown = (latest.series + more) / latest.series
        expected = 1 - (1 - latest.mean_iou) * grown**-exponent
    outlook = (
        f"about {100 * expected:.0f} % are to be expected then"
        if expected is not None
        else "how much that brings will be known after one more training"
    )
    return Advice(
        False,
        f"annotate about {more} more series before you start: with {latest.series} the mIoU is "
        f"{100 * latest.mean_iou:.1f} %, below 50 %; {outlook}",
        more,
        expected,
    )


def _sortable(value: float) -> float:
    return 0.0 if math.isnan(value) else value
