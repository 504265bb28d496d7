"""The virtual user corrects slices by clicks or strokes, in rounds, in the product's session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.conditioning.region_growing import FREE, grow
from SAIMCore.conditioning.targets import demands
from SAIMCore.evaluation import virtual_users
from SAIMCore.interactions import Click, Interaction, Stroke
from SAIMCore.predictor import Predictor
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.interactive import InteractiveSession

__all__ = ["Correcting", "WatchedPredictor", "corrected", "longest_stroke", "spread_slices"]

Labels = NDArray[np.uint8]


class WatchedPredictor(Predictor):
    """Counts the conditioned answers, and those that agree with everything that was demanded."""

    asked = 0
    agreed = 0

    def conditioned(
        self, image: Tensor, memory: Tensor, targets: Tensor, options: ConditioningOptions
    ) -> Tensor:
        answer = super().conditioned(image, memory, targets, options)
        found = answer[0].argmax(dim=0)
        self.asked += 1
        self.agreed += bool(((targets == FREE) | (found == targets)).all())
        return answer


@dataclass(frozen=True)
class Correcting:
    """How slices are corrected.

    conditioning: of the session. strokes: clicks are drawn out to ``longest_stroke``. painted: the
    marks grow with this threshold (standard deviations) and paint what they reach.
    """

    conditioning: SliceConditioning | None = None
    strokes: bool = False
    painted: float | None = None


def spread_slices(labels: NDArray[Any], count: int) -> list[int]:
    """At most ``count`` slices with foreground, evenly spread over all that have some."""
    foreground = np.flatnonzero(np.asarray(labels).any(axis=(1, 2)))
    if len(foreground) > count:
        foreground = foreground[np.linspace(0, len(foreground) - 1, count).round().astype(int)]
    return [int(index) for index in foreground]


def longest_stroke(click: Click, wrong: NDArray[np.bool_]) -> Stroke:
    """The longest straight line through ``click`` that stays on ``wrong`` pixels (h, w).

    Along rows, columns or diagonals; of equally long ones the first.
    """
    lines = [
        _line(click.row, click.column, step, wrong) for step in ((0, 1), (1, 0), (1, 1), (1, -1))
    ]
    points = max(lines, key=len)
    return Stroke(click.slice_index, (points[0], points[-1]), click.class_index)


def _line(
    row: int, column: int, step: tuple[int, int], wrong: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    found = [(row, column)]
    for direction in (-1, 1):
        way = []
        place = (row + direction * step[0], column + direction * step[1])
        while (
            all(0 <= p < size for p, size in zip(place, wrong.shape, strict=True)) and wrong[place]
        ):
            way.append(place)
            place = (place[0] + direction * step[0], place[1] + direction * step[1])
        found = [*reversed(way), *found] if direction < 0 else [*found, *way]
    return found


def corrected(
    predictor: Predictor,
    name: str,
    slices: NDArray[Any],
    references: Labels,
    rounds: int,
    correcting: Correcting,
    seed: int,
) -> Iterator[Labels]:
    """Labels (S, h, w) after 0, 1, ... ``rounds`` rounds.

    A round is one mark for each class that has a wrong region, in its largest one, as in
    ``SAIMCore.evaluation``. A slice without a wrong pixel gets no more.
    """
    session = InteractiveSession(predictor, slices, name)
    session.conditioning = correcting.conditioning
    session.segment_series()
    labels = session.labels()
    yield labels.copy()
    users = virtual_users(name, range(len(slices)), seed)
    marks: list[list[Interaction]] = [[] for _ in users]
    for _ in range(rounds):
        for index, user in enumerate(users):
            clicks = user.corrections(
                labels[index], references[index], range(predictor.num_classes), index
            )
            if not clicks:
                continue
            said = _said(clicks, labels[index], references[index], correcting.strokes)
            marks[index] += said
            labels[index] = session.add(*said).labels
            if correcting.painted is not None:
                _paint(labels[index], slices[index], marks[index], correcting.painted)
        yield labels.copy()


def _said(
    clicks: Sequence[Click], labels: Labels, reference: Labels, strokes: bool
) -> Sequence[Interaction]:
    if not strokes:
        return clicks
    wrong = labels != reference
    return [longest_stroke(click, wrong & (reference == click.class_index)) for click in clicks]


def _paint(
    labels: Labels, image: NDArray[Any], marks: Sequence[Interaction], threshold: float
) -> None:
    pixels = np.asarray(image, dtype=np.float32)
    grown = grow(pixels, demands(marks, pixels.shape).targets, threshold)
    np.copyto(labels, grown.astype(np.uint8), where=grown != FREE)
