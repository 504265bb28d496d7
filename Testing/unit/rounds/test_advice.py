"""Advice on the initial set (SAIM, section 4.2)."""

from __future__ import annotations

import math

import pytest

from SAIMCore.rounds.advice import Measurement, advise


def measured(series: int, *iou: float) -> Measurement:
    return Measurement(series, {f"class {index}": value for index, value in enumerate(iou, 1)})


def test_every_class_above_half_is_good_enough() -> None:
    advice = advise([measured(5, 0.8, 0.51)])
    assert advice.good_enough
    assert "the lowest is class 2 with 51.0 %" in advice.sentence


def test_otherwise_the_mean_above_half_is_good_enough_and_the_weak_class_is_named() -> None:
    advice = advise([measured(5, 0.9, 0.3)])
    assert advice.good_enough
    assert "mIoU is 60.0 %" in advice.sentence
    assert "class 2 stays below 50 %" in advice.sentence


def test_exactly_half_is_not_above_half() -> None:
    assert not advise([measured(5, 0.5, 0.5)]).good_enough


def test_a_first_weak_model_asks_for_as_many_series_again_without_a_promise() -> None:
    advice = advise([measured(6, 0.4, 0.2)])
    assert not advice.good_enough
    assert advice.more_series == 6
    assert advice.expected is None
    assert "known after one more training" in advice.sentence


def test_two_models_continue_their_curve() -> None:
    # The error falls from 0.8 to 0.64 when the set doubles: 0.8 * 0.8 ** log2(n / 4).
    advice = advise([measured(4, 0.2), measured(8, 0.36)])
    needed = 8 * 2 ** (math.log(0.64 / 0.5) / math.log(1 / 0.8))
    assert advice.more_series == math.ceil(needed) - 8
    assert advice.expected == pytest.approx(0.5, abs=0.02)
    assert advice.expected is not None
    assert advice.expected >= 0.5


def test_a_model_that_did_not_improve_gives_no_curve_to_continue() -> None:
    assert advise([measured(4, 0.3), measured(8, 0.2)]).expected is None


def test_a_hopelessly_flat_curve_does_not_ask_for_thousands() -> None:
    assert advise([measured(4, 0.1), measured(8, 0.1001)]).more_series == 80


def test_a_class_that_no_test_series_shows_does_not_count_as_good() -> None:
    assert not advise([measured(5, 0.4, math.nan)]).good_enough
    assert advise([measured(5, 0.6, math.nan)]).good_enough
