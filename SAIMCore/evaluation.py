"""How good the predictor is after 0, 1, 2, ... clicks of the virtual user.

Method: DDG-SIM (Mikhailov et al., 2023), section 5.2.3: at test time every class may get one click
per interaction round, in its largest mislabeled region, and none is held out.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.device import where_it_fits
from SAIMCore.interactions import Click, draw_masks, impose_interactions
from SAIMCore.likeliest import likeliest_class
from SAIMCore.memory import TensorRound
from SAIMCore.metrics import AggregatedScores, SegmentationScores, SeriesScores, aggregate
from SAIMCore.virtual_user import VirtualUser

if TYPE_CHECKING:
    from SAIMCore.predictor import Predictor

__all__ = [
    "Evaluation",
    "EvaluationStopped",
    "RoundAnswer",
    "evaluate",
    "interaction_rounds",
    "virtual_users",
]

BATCH_SIZE = 16


class EvaluationStopped(Exception):  # noqa: N818 (it was asked for: no error)
    """An evaluation ended early, as it was asked to."""


@dataclass
class RoundAnswer:
    """What the predictor answered in one interaction round for B slices.

    labels (B, h, w) uint8; clicks: the clicks given in this round, per slice.
    """

    labels: NDArray[np.uint8]
    clicks: list[list[Click]]


def virtual_users(series_name: str, indices: Sequence[int], seed: int) -> list[VirtualUser]:
    """One virtual user per slice, so that its clicks do not depend on how slices are batched."""
    name_seed = zlib.crc32(series_name.encode())
    return [VirtualUser(np.random.default_rng((seed, name_seed, index))) for index in indices]


def interaction_rounds(
    predictor: Predictor,
    slices: NDArray[Any],
    references: NDArray[np.uint8],
    users: Sequence[VirtualUser],
    max_clicks: int,
) -> Iterator[RoundAnswer]:
    """Yield the answers after 0, 1, ..., ``max_clicks`` interaction rounds.

    slices and references are (B, h, w). The answer without clicks becomes the first round of the
    memory, as in an interactive session. A slice without a mislabeled pixel gets no more clicks.
    """
    count, height, width = slices.shape
    padded_height, padded_width = predictor.input_shape(height, width)

    def inputs(device: torch.device) -> tuple[Tensor, Tensor]:
        images = torch.zeros(count, 1, padded_height, padded_width, device=device)
        images[:, 0, :height, :width] = torch.from_numpy(np.asarray(slices, dtype=np.float32))
        channels = predictor.memory.channels
        return images, torch.zeros(count, channels, padded_height, padded_width, device=device)

    images, memory = where_it_fits(predictor.device, inputs)
    labels = np.zeros((count, height, width), dtype=np.uint8)
    given: list[list[Click]] = [[] for _ in range(count)]
    rounds: list[TensorRound] = []
    for number in range(max_clicks + 1):
        clicks = _clicks(users, labels, references, predictor.num_classes, number)
        chosen = [place for place in range(count) if number == 0 or clicks[place]]
        masks = _masks(
            clicks, predictor.num_classes, (padded_height, padded_width), (height, width)
        )
        # Not the predictor's device, which may change from round to round.
        rounds.append(TensorRound(masks.to(images.device)))
        # Without interaction channels the answer cannot change.
        if chosen and (number == 0 or predictor.memory.channels):
            predictor.memory.assemble(rounds, memory)
            answered = _answer(predictor, images, memory, chosen)[:, :, :height, :width]
            # The padding is no part of the slice: nothing is remembered of it.
            padding = (0, padded_width - width, 0, padded_height - height)
            rounds[-1].probabilities = functional.pad(answered, padding)
            found = likeliest_class(answered).cpu().numpy()
            labels[chosen] = found[chosen]
        for place in chosen:
            given[place].extend(clicks[place])
            impose_interactions(labels[place], given[place])
        yield RoundAnswer(labels.copy(), clicks)


def _clicks(
    users: Sequence[VirtualUser],
    labels: NDArray[np.uint8],
    references: NDArray[np.uint8],
    num_classes: int,
    number: int,
) -> list[list[Click]]:
    if number == 0:
        return [[] for _ in users]
    return [
        user.corrections(prediction, reference, range(num_classes))
        for user, prediction, reference in zip(users, labels, references, strict=True)
    ]


def _masks(
    clicks: Sequence[Sequence[Click]],
    num_classes: int,
    padded: tuple[int, int],
    shape: tuple[int, int],
) -> Tensor:
    masks = np.zeros((len(clicks), num_classes, *padded), dtype=np.uint8)
    for place, given in enumerate(clicks):
        draw_masks(given, masks[place, :, : shape[0], : shape[1]])
    return torch.from_numpy(masks)


def _answer(predictor: Predictor, images: Tensor, memory: Tensor, chosen: Sequence[int]) -> Tensor:
    """Probabilities of the chosen slices; zeros for the others, which are done."""
    if len(chosen) == len(images):
        return predictor.probabilities(images, memory)
    places = torch.as_tensor(chosen, device=images.device)
    answered = predictor.probabilities(images[places], memory[places])
    probabilities = answered.new_zeros(len(images), *answered.shape[1:])
    probabilities[places.to(answered.device)] = answered
    return probabilities


@dataclass(frozen=True)
class Evaluation:
    """Scores after each number of clicks.

    series[clicks][name]: the scores of each series; clicks_given[clicks]: clicks per slice given
    so far, on average over all slices.
    """

    classes: ClassTable
    series: dict[int, dict[str, SeriesScores]]
    clicks_given: dict[int, float]

    def scores(self, clicks: int) -> AggregatedScores:
        """Per class the mean over all series, after ``clicks`` clicks."""
        return aggregate(self.classes, list(self.series[clicks].values()))

    @property
    def overall(self) -> float:
        """mIoU averaged over the numbers of clicks: what the best epoch is chosen by."""
        return float(np.mean([self.scores(clicks).mean_iou for clicks in self.series]))

    def to_json(self) -> dict[str, Any]:
        """Per number of clicks: mIoU, IoU and Dice per class, and the values per series."""
        return {
            str(clicks): {
                **self.scores(clicks).to_json(),
                "clicks_per_slice": self.clicks_given[clicks],
                "per_series": {name: scores.to_json() for name, scores in by_series.items()},
            }
            for clicks, by_series in self.series.items()
        }


def evaluate(
    predictor: Predictor,
    series: Sequence[LabeledSeries],
    max_clicks: int = 3,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Measure ``predictor`` on ``series`` after 0 to ``max_clicks`` clicks per class and slice.

    ``progress`` is told (slices done, slices in all). A predictor without interaction channels
    answers the same every round; the clicked pixels still obey. ``should_stop`` is asked before
    every batch of slices; raises EvaluationStopped when it says so.
    """
    total = sum(len(entry.slices) for entry in series)
    done = 0
    scores: dict[int, dict[str, SeriesScores]] = {n: {} for n in range(max_clicks + 1)}
    clicks_given = dict.fromkeys(scores, 0)
    for entry in series:
        running = [SegmentationScores(predictor.classes) for _ in scores]
        for start in range(0, len(entry.slices), BATCH_SIZE):
            if should_stop():
                raise EvaluationStopped
            stop = min(start + BATCH_SIZE, len(entry.slices))
            references = np.asarray(entry.labels[start:stop])
            users = virtual_users(entry.name, range(start, stop), seed)
            answers = interaction_rounds(
                predictor, entry.slices[start:stop], references, users, max_clicks
            )
            for number, answer in enumerate(answers):
                running[number].add(answer.labels, references)
                clicks_given[number] += sum(map(len, answer.clicks))
            done += stop - start
            if progress:
                progress(done, total)
        for number, result in enumerate(running):
            scores[number][entry.name] = result.scores()
    so_far = np.cumsum(list(clicks_given.values())) / max(1, total)
    return Evaluation(
        predictor.classes, scores, dict(zip(clicks_given, so_far.tolist(), strict=True))
    )
