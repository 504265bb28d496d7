"""The paper's claims, with the figures that this emulated scenario gives for them.

The papers' figures: SAIM (Mikhailov et al., 2023), section 4.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from SAIMCore.experiments.result import EmulationResult
from SAIMCore.rounds.advice import Measurement, advise

__all__ = ["Finding", "findings", "initial_advice", "relative_performance"]

# "With only 47 % of data being annotated, SAIM achieves 87 % of performance of this classical
# system trained with all 100 % of the data."
PAPER_SHARE_OF_FULL = 0.87


@dataclass(frozen=True)
class Finding:
    """One claim: a ``figure`` to print large, what it says here, and what the paper found."""

    title: str
    figure: str
    sentence: str
    paper: str


def relative_performance(result: EmulationResult, number: int) -> float | None:
    """mIoU of round ``number`` as a fraction of the classical one with most data, if known."""
    full = result.classical[-1].test[result.clicks].mean_iou if result.classical else None
    reached = result.rounds[number].test[result.clicks].mean_iou
    return reached / full if full and reached is not None else None


def findings(result: EmulationResult) -> list[Finding]:
    """Everything that can be said so far, whether it supports the paper or not."""
    found = [
        _data_needed(result),
        _time_saved(result),
        _against_classical(result),
        _learned(result),
        _clicks_help(result),
    ]
    return [entry for entry in found if entry is not None]


def _data_needed(result: EmulationResult) -> Finding | None:
    relative = [relative_performance(result, entry.number) for entry in result.rounds]
    if not result.classical or any(value is None for value in relative):
        return None
    reached = [value for value in relative if value is not None]
    # The first round that does what the paper reports, or else the best one.
    number = next(
        (place for place, value in enumerate(reached) if value >= PAPER_SHARE_OF_FULL),
        max(range(len(reached)), key=reached.__getitem__),
    )
    entry, full = result.rounds[number], result.classical[-1]
    return Finding(
        f"of the full classical performance with {100 * entry.share:.0f} % of the data",
        f"{100 * reached[number]:.0f} %",
        f"The model of round {number} ({entry.series} of {result.total} series) has a test mIoU of "
        f"{_percent(entry.test[result.clicks].mean_iou)}, the classical one trained on the "
        f"reference labels of {full.series} series ({100 * full.share:.0f} % of the data) has "
        f"{_percent(full.test[result.clicks].mean_iou)}.",
        "87 % with 47 % of the data (pelvis MRI), 98 % with 14 % (liver CT)",
    )


def _time_saved(result: EmulationResult) -> Finding | None:
    last = result.rounds[-1]
    classical = result.classical_minutes(last.number)
    if classical == 0 or last.number == 0:
        return None
    saim = result.saim_minutes(last.number)
    saved = 1 - saim / classical
    return Finding(
        "less annotation time" if saved >= 0 else "more annotation time",
        f"{100 * abs(saved):.0f} %",
        f"{_hours(saim)} for {last.series} series, the initial {len(result.initial)} of them made "
        f"classically, against {_hours(classical)} with classical tools. This is an estimate from "
        "the assumptions below, not a measurement.",
        "65 % less (pelvis MRI: 11.0 against 32.0 hours)",
    )


def _against_classical(result: EmulationResult) -> Finding | None:
    if not result.classical:
        return None
    classical = result.classical[-1]
    saim = result.rounds[classical.number]
    ours, theirs = saim.test[result.clicks].mean_iou, classical.test[result.clicks].mean_iou
    if ours is None or theirs is None:
        return None
    return Finding(
        f"against classical labels, {100 * classical.share:.0f} % of the data",
        _points(ours - theirs),
        f"Trained on the same {classical.series} series, the model has a test mIoU of "
        f"{_percent(ours)} with the labels made in the loop and {_percent(theirs)} with the "
        "reference labels.",
        "−2.4 pp (pelvis MRI), −1.1 pp (liver CT), −4.0 pp (pancreas CT)",
    )


def _learned(result: EmulationResult) -> Finding | None:
    first, last = result.rounds[0], result.rounds[-1]
    before, after = first.test[result.clicks].mean_iou, last.test[result.clicks].mean_iou
    if first is last or before is None or after is None:
        return None
    curve = [entry.test[result.clicks].mean_iou or 0.0 for entry in result.rounds]
    falls = sum(later < earlier for earlier, later in pairwise(curve))
    steady = (
        "It rose in every round."
        if falls == 0
        else f"It fell in {falls} of the {last.number} rounds."
    )
    return Finding(
        "by the loop, from the first to the last model",
        _points(after - before),
        f"The test mIoU after {_clicks(result.clicks)} per class and slice went from "
        f"{_percent(before)} ({first.series} series) to {_percent(after)} ({last.series} series). "
        f"{steady}",
        "54.6 to 73.4 % (pelvis MRI), 69.7 to 85.9 % (liver CT), 57.2 to 71.5 % (pancreas CT)",
    )


def _clicks_help(result: EmulationResult) -> Finding | None:
    last = result.rounds[-1]
    curve = {number: scores.mean_iou for number, scores in sorted(last.test.items())}
    values = [value for value in curve.values() if value is not None]
    if len(values) < 2 or len(values) < len(curve):
        return None
    falls = any(later < earlier for earlier, later in pairwise(values))
    steps = ", ".join(f"{_percent(value)} after {number}" for number, value in curve.items())
    return Finding(
        f"by {_clicks(max(curve))}, with the last model",
        _points(values[-1] - values[0]),
        f"Test mIoU of the last model by clicks per class and slice: {steps}. "
        + ("It falls with a further click." if falls else "It never falls with a further click."),
        "DDG-SIM: one click brings most of the gain",
    )


def initial_advice(result: EmulationResult) -> str:
    """Whether the initial set was large enough (section 4.2), and if not, when it became so.

    Judged without clicks: at the start the model must give partial annotations by itself.
    """
    measurements = [
        Measurement(
            entry.series,
            {
                name: math.nan if value is None else value
                for name, value in entry.test[0].iou.items()
            },
        )
        for entry in result.rounds
    ]
    first = advise(measurements[:1])
    sentence = _capitalized(first.sentence)
    if first.good_enough:
        return sentence
    for entry, measurement in zip(result.rounds, measurements, strict=True):
        if advise([measurement]).good_enough:
            return (
                f"{sentence} In the loop this was reached in round {entry.number}, with "
                f"{entry.series} series."
            )
    return f"{sentence} No round of this emulation reached it."


def _capitalized(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _percent(value: float | None) -> str:
    return "no value" if value is None else f"{100 * value:.1f} %"


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f} pp".replace("-", "−")


def _clicks(count: int) -> str:
    return f"{count} click{'' if count == 1 else 's'}"


def _hours(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"
