"""Is another round worth it: what it will bring, and what it will cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from SAIMCore.campaign.learning_curve import CurvePoint
from SAIMCore.rounds.error_curve import falling_exponent

if TYPE_CHECKING:
    from SAIMCore.campaign.queue import QueueRow

__all__ = ["HARDLY", "NOT", "UNKNOWN", "WORTH_IT", "Worth", "worth_of_next_round"]

WORTH_IT, HARDLY, NOT, UNKNOWN = "worth it", "hardly", "not", "unknown"

# A round costs hours of an annotator. What it brings must show in the tables, which give mIoU in
# percent, and a rise of less than one point does not change which model a clinic can work with.
WORTHWHILE_GAIN = 0.01
# Half of that, in two rounds one after the other: a single round may have had bad luck with its
# series or its training.
NEGLIGIBLE_GAIN = 0.005


@dataclass(frozen=True)
class Worth:
    """What is known of the next round.

    verdict: "worth it", "hardly", "not" or "unknown". gain: expected rise of the mIoU (0 to 1).
    hours: of annotation. Both None where they cannot be told.
    """

    verdict: str
    sentence: str
    gain: float | None = None
    hours: float | None = None


def worth_of_next_round(
    points: Iterable[CurvePoint], rows: Iterable[QueueRow], query_size: int
) -> Worth:
    """Judge a round that annotates the first ``query_size`` series of the queue.

    points: the learning curve; the published models that can be compared count. Their error is
    1 - mIoU, averaged over the numbers of clicks that all of them were measured with. It is
    continued as a power of the number of training series (see ``falling_exponent``).
    """
    queue = sorted((row for row in rows if row.rank is not None), key=lambda row: row.rank or 0)
    if not queue:
        return Worth(NOT, "there is nothing left to annotate for another round")
    asked = queue[:query_size]
    hours = _hours(asked)
    published = [point for point in points if point.published is not None and point.comparable]
    errors = _errors(published)
    if len(errors) < 2:
        return Worth(
            UNKNOWN,
            "whether another round is worth it cannot be said yet: it takes two published models "
            "that were trained on different numbers of series and measured on the same ones",
            hours=hours,
        )
    split, (series, error) = published[-1].split, list(errors.items())[-1]
    present = f"the {split} mIoU, now {100 * (1 - error):.1f} % with {series} series"
    gains = [before - after for before, after in pairwise(errors.values())]
    exponent = falling_exponent(errors)
    growth = (series + len(asked)) / series
    gain = 0.0 if exponent is None else error * (1 - growth**-exponent)
    if len(gains) >= 2 and max(gains[-2:]) < NEGLIGIBLE_GAIN:
        steps = " and ".join(f"{100 * step:+.1f}" for step in gains[-2:])
        sentence = (
            f"another round is not worth it: the last two changed {present}, by only {steps} points"
        )
        return Worth(NOT, sentence, gain, hours)
    verdict = WORTH_IT if gain >= WORTHWHILE_GAIN else HARDLY
    judged, only = ("worth it", "") if verdict == WORTH_IT else ("hardly worth it", "only ")
    cost = "" if hours is None else f", for about {hours:.1f} hours of annotation"
    sentence = (
        f"another round is {judged}: {len(asked)} more series should raise {present}, by {only}"
        f"about {100 * gain:.1f} points{cost}"
    )
    return Worth(verdict, sentence, gain, hours)


def _errors(points: Sequence[CurvePoint]) -> dict[int, float]:
    """The error by the number of training series, fewest first; of several models the newest's."""
    clicks = set.intersection(*(set(point.mean_iou) for point in points)) if points else set()
    errors = {}
    for point in points:
        values = [point.mean_iou[count] for count in clicks]
        known = [value for value in values if value is not None]
        if point.series is not None and known and len(known) == len(values):
            errors[point.series] = 1 - sum(known) / len(known)
    return dict(sorted(errors.items()))


def _hours(rows: Sequence[QueueRow]) -> float | None:
    known = [row.minutes_left for row in rows if row.minutes_left is not None]
    return sum(known) / 60 if len(known) == len(rows) else None
