"""Whether a new model becomes the shared one, measured on what both models were measured on."""

from __future__ import annotations

import math
from typing import Any

import pytest

from SAIMCore.project.records import ModelRecord
from SAIMCore.rounds.comparison import common_scores
from SAIMCore.rounds.publishing import decide

Metrics = dict[str, Any]


def metrics(by_series: dict[str, float], clicks: int = 2, overall: float | None = None) -> Metrics:
    """Metrics of a model with one class and these IoUs, the same after every number of clicks."""
    per_series = {name: {"iou": {"organ": iou}} for name, iou in by_series.items()}
    mean = sum(by_series.values()) / len(by_series) if overall is None else overall
    table = {str(number): {"per_series": per_series} for number in range(clicks + 1)}
    return {"overall": mean, "clicks": table}


def model(validation: Metrics | None) -> ModelRecord:
    return ModelRecord(
        "round-001", 1, None, validation, None, None, "", None, True  # type: ignore[arg-type]
    )  # fmt: skip


def published(new: Metrics, old: Metrics | None, publish: str = "if not worse") -> bool:
    return decide("round-002", new, model(old), 0.02, publish).publish


def test_the_margin_decides_between_equal_and_worse() -> None:
    old = metrics({"a": 0.5})
    assert published(metrics({"a": 0.481}), old)
    assert not published(metrics({"a": 0.479}), old)
    assert published(metrics({"a": 0.479}), old, "always")
    assert not published(metrics({"a": 0.9}), old, "never")


def test_the_first_model_is_published_and_is_said_to_be_the_first() -> None:
    decision = decide("round-001", metrics({"a": 0.0}), None, 0.02)
    assert decision.publish
    assert decision.sentence.endswith("it is the first shared model")


def test_a_harder_series_that_was_added_does_not_make_a_model_worse() -> None:
    decision = decide(
        "round-002", metrics({"a": 0.6, "hard": 0.1}), model(metrics({"a": 0.5})), 0.02
    )
    assert decision.publish
    assert "of 60.0 %, round-001 50.0 % (on 1 validation series in common" in decision.sentence


def test_an_easier_series_that_was_added_does_not_hide_that_a_model_is_worse() -> None:
    assert not published(metrics({"a": 0.3, "easy": 1.0}), metrics({"a": 0.5}))


def test_a_series_that_was_annotated_anew_is_left_out() -> None:
    new, old = metrics({"a": 0.6, "b": 0.1}), metrics({"a": 0.5, "b": 0.9})
    assert not published(new, old)
    assert decide("round-002", new, model(old), 0.02, annotated_anew={"b"}).publish


def test_other_numbers_of_clicks_compare_on_those_in_common() -> None:
    new, old = metrics({"a": 0.5}, clicks=0), metrics({"a": 0.5}, clicks=3, overall=0.9)
    assert published(new, old)
    scores = common_scores(new, old)
    assert scores is not None
    assert (scores.new, scores.old) == (0.5, 0.5)
    assert scores.where.endswith("after 0 clicks)")


@pytest.mark.parametrize("old", [metrics({"b": 0.9}), metrics({"a": 0.9}, overall=0.9), None])
def test_what_cannot_be_compared_is_published_and_said(old: Metrics | None) -> None:
    if old is not None and "a" in old["clicks"]["0"]["per_series"]:
        for entry in old["clicks"].values():
            entry["per_series"]["a"]["iou"]["organ"] = None
    decision = decide("round-002", metrics({"a": 0.1}), model(old), 0.02)
    assert decision.publish
    assert "it is not comparable with round-001" in decision.sentence


@pytest.mark.parametrize("overall", [math.nan, None])
def test_a_current_model_without_a_value_does_not_block_publishing(overall: float | None) -> None:
    old = {"overall": overall, "clicks": {"0": {"mean_iou": None}}}
    assert published(metrics({"a": 0.1}), old)


def test_metrics_without_a_table_of_series_are_compared_as_a_whole() -> None:
    old = {"overall": 0.5, "clicks": {"0": {"mean_iou": 0.5}}}
    assert not published(metrics({"a": 0.4}), old)
    assert published(metrics({"a": 0.5}), old)


def test_classes_are_averaged_over_series_before_they_are_averaged() -> None:
    tables = {"a": {"iou": {"x": 1.0, "y": None}}, "b": {"iou": {"x": 0.0, "y": 0.8}}}
    both = {"overall": 0.65, "clicks": {"0": {"per_series": tables}}}
    scores = common_scores(both, both)
    assert scores is not None
    assert scores.new == pytest.approx((0.5 + 0.8) / 2)
    assert scores.where == ""
