from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.experiments.examples import choose_slices, draw_examples, segment_examples
from SAIMCore.predictor import Predictor

CLASSES = ClassTable.from_names(["background", "uterus", "tumor<uterus"])


@pytest.fixture
def series() -> list[LabeledSeries]:
    """Two series of 12 slices: slice 4 shows two classes, slice 9 one class on more pixels."""
    rng = np.random.default_rng(0)
    labels = np.zeros((12, 40, 48), dtype=np.uint8)
    labels[4, 5:15, 5:15] = 1
    labels[4, 8:11, 8:11] = 2
    labels[5, 5:14, 5:14] = 1
    labels[5, 8:11, 8:11] = 2
    labels[9, 5:35, 5:35] = 1
    slices = rng.normal(size=labels.shape).astype(np.float16)
    return [LabeledSeries(name, slices, labels) for name in ("one", "two")]


def test_the_slice_with_most_classes_is_chosen_in_each_series(series: list[LabeledSeries]) -> None:
    assert [(entry.name, index) for entry, index in choose_slices(series, 2)] == [
        ("one", 4),
        ("two", 4),
    ]


def test_every_series_has_its_turn_before_any_has_another(series: list[LabeledSeries]) -> None:
    chosen = [(entry.name, index) for entry, index in choose_slices(series, 3)]
    assert chosen == [("one", 4), ("one", 9), ("two", 4)]


def test_further_slices_are_not_neighbors_and_show_something(series: list[LabeledSeries]) -> None:
    chosen = [(entry.name, index) for entry, index in choose_slices(series, 8)]
    assert chosen == [("one", 4), ("one", 9), ("two", 4), ("two", 9)]


def test_answers_are_given_without_and_with_clicks(
    series: list[LabeledSeries], small_checkpoint: Callable[..., Path]
) -> None:
    predictor = Predictor.load(small_checkpoint(), "cpu")
    slices = choose_slices(series, 1)
    (example,) = segment_examples(
        [("first model", predictor), ("last model", predictor)], slices, 2, 0, [1.5]
    )
    assert (example.name, example.index, example.aspect) == ("one", 4, 1.5)
    assert [(answer.model, answer.how) for answer in example.answers] == [
        ("first model", "automatic"),
        ("first model", "2 clicks"),
        ("last model", "automatic"),
        ("last model", "2 clicks"),
    ]
    automatic, clicked = example.answers[:2]
    assert automatic.clicks == ()
    assert clicked.clicks
    for click in clicked.clicks:
        assert example.reference[click.row, click.column] == click.class_index
        assert clicked.labels[click.row, click.column] == click.class_index
    assert 0 <= automatic.mean_iou <= 1


@pytest.mark.parametrize("models", [1, 2])
def test_the_picture_shows_a_row_for_every_example(
    series: list[LabeledSeries], small_checkpoint: Callable[..., Path], models: int
) -> None:
    predictor = Predictor.load(small_checkpoint(), "cpu")
    predictors = [(f"model {number}", predictor) for number in range(models)]
    examples = segment_examples(predictors, choose_slices(series, 2), 1, 0, [1.0, 2.0])
    assert draw_examples(examples, CLASSES).startswith(b"\x89PNG")


def test_without_clicks_there_is_one_answer_per_model(
    series: list[LabeledSeries], small_checkpoint: Callable[..., Path]
) -> None:
    predictor = Predictor.load(small_checkpoint(), "cpu")
    (example,) = segment_examples([("only", predictor)], choose_slices(series, 1), 0, 0, [1.0])
    assert [answer.how for answer in example.answers] == ["automatic"]
