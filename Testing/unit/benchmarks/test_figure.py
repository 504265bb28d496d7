"""A figure knows whether its target is met, and what the options may be."""

from __future__ import annotations

import json

import pytest

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.errors import ConfigurationError


@pytest.mark.parametrize(
    ("value", "at_least", "met"),
    [(1.1, False, True), (1.11, False, False), (1.1, True, True), (1.09, True, False)],
)
def test_a_target_is_met_on_its_right_side(value: float, at_least: bool, met: bool) -> None:
    assert Figure("click", "a", value, "ratio", 1.1, at_least).met is met


def test_a_figure_becomes_json_with_its_target_and_details() -> None:
    figure = Figure("rank", "a", 0.95, "ratio", 0.9, True, (0.94, 0.96), {"repeats": 3})
    assert json.loads(json.dumps(figure.to_json())) == {
        "benchmark": "rank",
        "name": "a",
        "value": 0.95,
        "unit": "ratio",
        "spread": [0.94, 0.96],
        "target": {"at_least": 0.9},
        "met": True,
        "repeats": 3,
    }


def test_what_was_measured_once_has_no_spread() -> None:
    document = Figure("click", "a", 9.0, "ms", 10.0).to_json()
    assert document["spread"] is None
    assert document["target"] == {"at_most": 10.0}


@pytest.mark.parametrize(
    ("options", "found"),
    [({"repeats": 0}, "found 0 repeats"), ({"pools": (0, 5)}, "pools of 0 and 5 series")],
)
def test_options_that_measure_nothing_are_refused(options: dict[str, object], found: str) -> None:
    with pytest.raises(ConfigurationError, match=found):
        BenchmarkOptions(**options)  # type: ignore[arg-type]
