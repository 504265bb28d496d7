"""IoU and Dice per class, counted slice by slice and averaged over series.

Classes that lie within another one count for it as well: the outer structure is measured as the
union of both. A class that is neither in the prediction nor in the reference has no value (NaN,
``null`` in JSON): it is neither a success nor a failure, and every mean leaves it out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.errors import InvalidLabelmapError

__all__ = ["AggregatedScores", "SegmentationScores", "SeriesScores", "aggregate"]


def mean_of_present(values: Sequence[float]) -> float:
    """Mean of the values that are there (not NaN); NaN when none is."""
    present = [value for value in values if not math.isnan(value)]
    return sum(present) / len(present) if present else math.nan


def _for_json(value: float) -> float | None:
    return None if math.isnan(value) else value


def _rows_for_json(names: Sequence[str], values: Sequence[float]) -> dict[str, float | None]:
    return {name: _for_json(value) for name, value in zip(names, values, strict=True)}


@dataclass(frozen=True)
class SeriesScores:
    """IoU and Dice of one series, 0 to 1, one value for each foreground class in table order."""

    names: tuple[str, ...]
    iou: tuple[float, ...]
    dice: tuple[float, ...]

    @property
    def mean_iou(self) -> float:
        """mIoU: the mean over the foreground classes that are there."""
        return mean_of_present(self.iou)

    @property
    def mean_dice(self) -> float:
        return mean_of_present(self.dice)

    def to_json(self) -> dict[str, Any]:
        return {
            "iou": _rows_for_json(self.names, self.iou),
            "dice": _rows_for_json(self.names, self.dice),
            "mean_iou": _for_json(self.mean_iou),
            "mean_dice": _for_json(self.mean_dice),
        }


@dataclass(frozen=True)
class AggregatedScores(SeriesScores):
    """Per class the mean over the series in which it has a value, and how many those are.

    The means over classes are means of these per-class means.
    """

    series: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        counts = dict(zip(self.names, self.series, strict=True))
        return {**super().to_json(), "series": counts}


class SegmentationScores:
    """Counts predicted against reference pixels of one series, any number of slices at a time."""

    def __init__(self, classes: ClassTable) -> None:
        self._classes = classes
        self._counts = np.zeros((len(classes), len(classes)), dtype=np.int64)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Pixels counted so far, (N, N): reference class by predicted class."""
        return self._counts.copy()

    def add(self, predicted: NDArray[np.uint8], reference: NDArray[np.uint8]) -> None:
        """Count one slice or a stack of slices of class indices.

        Raises InvalidLabelmapError when the shapes differ or a label is no class index.
        """
        if predicted.shape != reference.shape:
            raise InvalidLabelmapError(
                f"the prediction has the shape {predicted.shape}, the reference "
                f"{reference.shape}; compare labelmaps of one series"
            )
        if predicted.size == 0:
            return
        count = len(self._classes)
        largest = max(int(predicted.max()), int(reference.max()))
        if largest >= count:
            raise InvalidLabelmapError(
                f"label {largest} is no class index; the class table has {count} classes"
            )
        pairs = reference.astype(np.intp).ravel() * count
        pairs += predicted.ravel()
        self._counts += np.bincount(pairs, minlength=count * count).reshape(count, count)

    def scores(self) -> SeriesScores:
        """IoU and Dice of what was counted."""
        foreground = self._classes.foreground
        measured = [self._structure(index) for index in foreground]
        return SeriesScores(
            tuple(self._classes.names[index] for index in foreground),
            tuple(iou for iou, _ in measured),
            tuple(dice for _, dice in measured),
        )

    def _structure(self, index: int) -> tuple[float, float]:
        members = list(self._classes.members(index))
        both = int(self._counts[np.ix_(members, members)].sum())
        in_reference = int(self._counts[members, :].sum())
        in_prediction = int(self._counts[:, members].sum())
        if in_reference + in_prediction == 0:
            return math.nan, math.nan
        union = in_reference + in_prediction - both
        return both / union, 2 * both / (in_reference + in_prediction)


def aggregate(classes: ClassTable, per_series: Sequence[SeriesScores]) -> AggregatedScores:
    """Average the scores of several series; a class that no series has stays NaN with count 0."""
    names = tuple(classes.names[index] for index in classes.foreground)
    iou = [[scores.iou[place] for scores in per_series] for place in range(len(names))]
    dice = [[scores.dice[place] for scores in per_series] for place in range(len(names))]
    return AggregatedScores(
        names,
        tuple(mean_of_present(values) for values in iou),
        tuple(mean_of_present(values) for values in dice),
        tuple(sum(not math.isnan(value) for value in values) for values in iou),
    )
