"""The paper's claims on an emulation whose figures are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from SAIMCore.experiments.findings import (
    Finding,
    findings,
    initial_advice,
    relative_performance,
)
from SAIMCore.experiments.result import EmulationResult


def titled(result: EmulationResult, words: str) -> Finding:
    (found,) = [finding for finding in findings(result) if words in finding.title]
    return found


def test_models_are_compared_with_the_classical_one_with_most_data(
    result: EmulationResult,
) -> None:
    assert relative_performance(result, 0) == pytest.approx(0.50 / 0.80)
    assert relative_performance(result, 1) == pytest.approx(0.72 / 0.80)


def test_the_first_round_that_reaches_the_papers_share_is_named(result: EmulationResult) -> None:
    finding = titled(result, "of the full classical performance")
    assert finding.figure == "90 %"
    assert finding.title.endswith("with 50 % of the data")
    assert "8 series (80 % of the data) has 80.0 %" in finding.sentence


def test_the_best_round_is_named_when_none_reaches_it(result: EmulationResult) -> None:
    point = result.classical[-1]
    better = {clicks: replace(scores, mean_iou=0.95) for clicks, scores in point.test.items()}
    result = replace(result, classical=(replace(point, test=better),))
    finding = titled(result, "of the full classical performance")
    assert finding.figure == "76 %"
    assert "round 1" in finding.sentence


def test_time_counts_the_initial_set_as_made_classically(result: EmulationResult) -> None:
    assert [result.saim_minutes(number) for number in range(3)] == [50, 70, 90]
    assert [result.classical_minutes(number) for number in range(3)] == [50, 125, 200]
    finding = titled(result, "less annotation time")
    assert finding.figure == "55 %"
    assert "90 minutes for 8 series" in finding.sentence
    assert "3.3 hours with classical tools" in finding.sentence
    assert "not a measurement" in finding.sentence


def test_more_time_is_called_more_time(result: EmulationResult) -> None:
    slow = replace(result, options=replace(result.options, classical_minutes=5.0))
    assert titled(slow, "more annotation time").figure == "25 %"


def test_what_does_not_support_the_paper_is_said_as_plainly(result: EmulationResult) -> None:
    assert titled(result, "against classical labels").figure == "−12.0 pp"
    learned = titled(result, "by the loop")
    assert learned.figure == "+18.0 pp"
    assert "It fell in 1 of the 2 rounds." in learned.sentence
    clicks = titled(result, "by 1 click")
    assert clicks.figure == "+8.0 pp"
    assert "It never falls with a further click." in clicks.sentence


def test_without_a_comparison_nothing_is_said_of_one(result: EmulationResult) -> None:
    alone = replace(result, classical=())
    assert relative_performance(alone, 2) is None
    assert not any("classical" in finding.title for finding in findings(alone))
    assert titled(alone, "by the loop")


def test_a_class_that_no_test_series_shows_breaks_nothing(result: EmulationResult) -> None:
    nothing = {
        clicks: replace(scores, mean_iou=None, iou=dict.fromkeys(scores.iou))
        for clicks, scores in result.rounds[0].test.items()
    }
    rounds = tuple(replace(entry, test=nothing) for entry in result.rounds)
    classical = tuple(replace(entry, test=nothing) for entry in result.classical)
    empty = replace(result, rounds=rounds, classical=classical)
    assert [finding.title for finding in findings(empty)] == ["less annotation time"]
    assert initial_advice(empty)


def test_advice_names_the_round_that_was_good_enough(result: EmulationResult) -> None:
    advice = initial_advice(result)
    assert advice.startswith("Annotate about")
    assert advice.endswith("this was reached in round 1, with 5 series.")


def test_advice_accepts_a_good_initial_set(result: EmulationResult) -> None:
    good = replace(result, rounds=(replace(result.rounds[0], test=result.rounds[2].test),))
    assert "good enough" in initial_advice(good)
