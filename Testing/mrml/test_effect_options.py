"""What can be switched on, and what of it makes answers agree with the user's marks."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import pytest

from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.errors import ConfigurationError
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.session.conditioning import SliceConditioning


def test_all_is_off_at_first() -> None:
    options = EffectOptions()
    assert not any(value for value in asdict(options).values() if isinstance(value, bool))
    assert options.conditioning() is None


def test_answers_agree_with_the_marks_where_that_is_wanted_with_the_engines_defaults() -> None:
    found = EffectOptions(conditioned=True).conditioning()
    assert found == SliceConditioning(ConditioningOptions())
    assert found.threshold is None


def test_marks_grow_as_far_as_they_are_let() -> None:
    options = EffectOptions(
        conditioned=True, grows=True, growth_threshold=0.5, growth_reach=7, draws_boxes=True
    )
    assert options.conditioning() == SliceConditioning(threshold=0.5, reach=7)


def test_growing_alone_makes_no_answer_agree() -> None:
    assert EffectOptions(grows=True).conditioning() is None


def test_an_igniter_agrees_in_any_case_and_its_marks_grow_if_wished() -> None:
    assert EffectOptions().conditioning(always=True) == SliceConditioning()
    grown = EffectOptions(grows=True).conditioning(always=True)
    assert grown == SliceConditioning(threshold=0.2, reach=10)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"growth_threshold": -0.1}, "intensity of -0.1 and 10 pixels; give 0 or more"),
        ({"growth_threshold": math.nan}, "intensity of nan"),
        ({"growth_threshold": math.inf}, "intensity of inf"),
        ({"growth_reach": -1}, "and -1 pixels"),
    ],
)
def test_a_growth_that_cannot_be_is_refused(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        EffectOptions(**values)


def test_options_are_read_by_their_names_and_others_are_passed_over() -> None:
    given = {"grows": 1, "growth_threshold": 1, "growth_reach": "30", "opacity": 0.4}
    expected = EffectOptions(grows=True, growth_threshold=1.0, growth_reach=30)
    assert EffectOptions.of(given) == expected
    assert EffectOptions.of(asdict(expected)) == expected
    assert EffectOptions.of({}) == EffectOptions()


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"growth_threshold": ""}, "the option growth_threshold is ''; give a number"),
        ({"growth_reach": [3]}, r"the option growth_reach is \[3\]; give a number"),
        ({"growth_reach": math.inf}, "the option growth_reach is inf"),
        ({"growth_threshold": None}, "the option growth_threshold is None"),
        ({"growth_threshold": -3}, "give 0 or more"),
    ],
)
def test_what_is_no_number_is_refused_with_its_name(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        EffectOptions.of(values)
