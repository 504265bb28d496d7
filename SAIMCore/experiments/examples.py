"""Example slices of the test series: the first and the last model, without and with clicks.

Like SAIM (Mikhailov et al., 2023), figure 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries, Stack
from SAIMCore.evaluation import interaction_rounds, virtual_users
from SAIMCore.experiments.figures import class_color, figure_bytes
from SAIMCore.interactions import Click
from SAIMCore.metrics import SegmentationScores
from SAIMCore.predictor import Predictor

__all__ = ["Example", "choose_slices", "draw_examples", "segment_examples"]

CLICK_COLOR = "#00FFFF"
BETTER_COLOR, WORSE_COLOR = "#0072B2", "#D55E00"
OPACITY = 0.45
PANEL_INCHES = 1.9


@dataclass(frozen=True)
class Answer:
    """What ``model`` says of a slice: labels (h, w), the clicks it was given, mIoU (0 to 1)."""

    model: str
    how: str
    labels: NDArray[np.uint8]
    clicks: tuple[Click, ...]
    mean_iou: float


@dataclass(frozen=True)
class Example:
    """A slice with its reference labels and the answers to show beside it.

    aspect: spacing between rows divided by that between columns.
    """

    name: str
    index: int
    image: NDArray[np.float32]
    reference: NDArray[np.uint8]
    answers: tuple[Answer, ...]
    aspect: float = 1.0


def choose_slices(series: Sequence[LabeledSeries], count: int) -> list[tuple[LabeledSeries, int]]:
    """Up to ``count`` slices, chosen by their reference labels alone, whatever the models say.

    Each series in turn gives the slice with most classes (then most labeled pixels); where there
    are fewer series than slices, further ones at least a sixth of the stack away.
    """
    turns = -(-count // max(1, len(series)))
    best = [_richest(entry.labels, turns) for entry in series]
    chosen = [
        (place, indices[turn])
        for turn in range(turns)
        for place, indices in enumerate(best)
        if turn < len(indices)
    ]
    return [(series[place], index) for place, index in sorted(chosen[:count])]


def _richest(labels: Stack, count: int) -> list[int]:
    """Up to ``count`` slices of a stack that are far from each other, the richest first."""
    richness = [(np.unique(found).size, int(np.count_nonzero(found))) for found in labels]
    taken: list[int] = []
    for index in sorted(range(len(richness)), key=richness.__getitem__, reverse=True):
        far = all(abs(index - other) * 6 >= len(richness) for other in taken)
        if richness[index][1] and far and len(taken) < count:
            taken.append(index)
    return taken


def segment_examples(
    predictors: Sequence[tuple[str, Predictor]],
    slices: Sequence[tuple[LabeledSeries, int]],
    max_clicks: int,
    seed: int,
    aspects: Sequence[float],
) -> list[Example]:
    """Let every predictor (with its title) answer on every slice, without and with clicks."""
    examples = []
    for (series, index), aspect in zip(slices, aspects, strict=True):
        answers: list[Answer] = []
        for title, predictor in predictors:
            answers += _answers(title, predictor, series, index, max_clicks, seed)
        examples.append(
            Example(
                series.name,
                index,
                np.asarray(series.slices[index], dtype=np.float32),
                np.array(series.labels[index]),
                tuple(answers),
                aspect,
            )
        )
    return examples


def _answers(
    title: str,
    predictor: Predictor,
    series: LabeledSeries,
    index: int,
    max_clicks: int,
    seed: int,
) -> list[Answer]:
    """The answer without clicks and, if there are any, the one with all of them."""
    reference = np.array(series.labels[index : index + 1])
    users = virtual_users(series.name, [index], seed)
    rounds = list(
        interaction_rounds(
            predictor, series.slices[index : index + 1], reference, users, max_clicks
        )
    )
    clicks = tuple(click for answer in rounds for click in answer.clicks[0])
    found = []
    for number, given in {0: (), max_clicks: clicks}.items():
        scores = SegmentationScores(predictor.classes)
        scores.add(rounds[number].labels, reference)
        how = "automatic" if number == 0 else f"{number} click{'' if number == 1 else 's'}"
        found.append(Answer(title, how, rounds[number].labels[0], given, scores.scores().mean_iou))
    return found


def draw_examples(examples: Sequence[Example], classes: ClassTable) -> bytes:
    """One row per example as a PNG: the reference labels, then every answer with its mIoU.

    Clicks are cyan dots. The last model's number after its clicks stands on blue where it is not
    below that of the first model after as many clicks, on vermilion where it is.
    """
    columns = 2 + len(examples[0].answers)
    figure = Figure(
        figsize=(PANEL_INCHES * columns, PANEL_INCHES * len(examples) + 0.8), layout="constrained"
    )
    grid = figure.subplots(len(examples), columns, squeeze=False)
    for row, example in zip(grid, examples, strict=True):
        shown = _gray(example.image)
        _panel(row[0], shown, None, classes, example.aspect)
        row[0].set_ylabel(f"{example.name}\nslice {example.index}", fontsize=8)
        _panel(row[1], shown, example.reference, classes, example.aspect)
        for axis, answer in zip(row[2:], example.answers, strict=True):
            _panel(axis, shown, answer.labels, classes, example.aspect)
            _draw_clicks(axis, answer.clicks)
            _write_score(axis, answer.mean_iou, _score_color(example, answer))
    answers = examples[0].answers
    titles = ["image", "reference", *(f"{answer.model},\n{answer.how}" for answer in answers)]
    for axis, title in zip(grid[0], titles, strict=True):
        axis.set_title(title, fontsize=9)
    _draw_class_legend(figure, classes)
    return figure_bytes(figure)


def _score_color(example: Example, answer: Answer) -> str:
    """Colored only for the last model with all its clicks, when it has one to be compared with."""
    *others, last = example.answers
    earlier = [other for other in others if other.model != last.model]
    if answer is not last or not earlier:
        return "black"
    return BETTER_COLOR if last.mean_iou >= earlier[-1].mean_iou else WORSE_COLOR


def _gray(image: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = np.percentile(image, (1, 99))
    scaled: NDArray[np.float32] = ((image - low) / max(high - low, 1e-6)).clip(0, 1)
    return scaled


def _panel(
    axis: Axes,
    image: NDArray[np.float32],
    labels: NDArray[np.uint8] | None,
    classes: ClassTable,
    aspect: float,
) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[:].set_visible(False)
    colored = np.repeat(image[:, :, None], 3, axis=2)
    if labels is not None:
        colors = np.array([entry.color for entry in classes], dtype=np.float32) / 255
        inside = labels > 0
        colored[inside] = (1 - OPACITY) * colored[inside] + OPACITY * colors[labels[inside]]
    axis.imshow(colored, interpolation="nearest", aspect=aspect)
    if labels is not None:
        for index in np.unique(labels[labels > 0]):
            color = class_color(classes, int(index))
            axis.contour(labels == index, [0.5], colors=[color], linewidths=0.9)


def _draw_clicks(axis: Axes, clicks: Sequence[Click]) -> None:
    axis.scatter(
        [click.column for click in clicks],
        [click.row for click in clicks],
        s=11,
        c=CLICK_COLOR,
        edgecolors="black",
        linewidths=0.5,
        zorder=3,
    )


def _write_score(axis: Axes, mean_iou: float, color: str) -> None:
    axis.text(
        0.97,
        0.04,
        f"{100 * mean_iou:.0f}",
        transform=axis.transAxes,
        ha="right",
        va="bottom",
        fontsize=9,
        color="white",
        fontweight="bold",
        bbox={"facecolor": color, "edgecolor": "none", "alpha": 0.75, "pad": 2},
    )


def _draw_class_legend(figure: Figure, classes: ClassTable) -> None:
    handles: list[Patch | Line2D] = [
        Patch(
            facecolor=class_color(classes, index),
            edgecolor="#222222",
            linewidth=0.5,
            label=classes[index].name,
        )
        for index in classes.foreground
    ]
    handles.append(
        Line2D([], [], marker="o", ls="", mfc=CLICK_COLOR, mec="black", ms=5, label="click")
    )
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(8, len(handles)), frameon=False,
        fontsize=9,
    )  # fmt: skip
