"""What is said of the time of a session."""

from __future__ import annotations

import pytest

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.campaign.plan_display import minutes_text, told_plans, what_fits, what_was_held
from SAIMCore.campaign.queue import QueueRow, in_order
from SAIMCore.campaign.time_plan import PlanEntry
from Testing.unit.campaign.made_up import queue_row, time_plan


def queue(*minutes: float | None, budget: float = 20.0, spent: float = 0.0) -> list[QueueRow]:
    rows = [
        queue_row(f"case{place}", predicted_minutes=value) for place, value in enumerate(minutes)
    ]
    return in_order(rows, STRATEGIES["entropy"], budget, spent)


@pytest.mark.parametrize(
    ("minutes", "text"), [(0.24, "0.2 min"), (9.94, "9.9 min"), (60.2, "60 min")]
)
def test_minutes_are_as_exact_as_it_matters(minutes: float, text: str) -> None:
    assert minutes_text(minutes) == text


def test_how_far_the_time_goes() -> None:
    assert what_fits(queue(8.0, 9.0, 30.0), 20.0, 0.0) == (
        "2 of 3 series fit into 20 min, taking about 17 min"
    )
    assert what_fits(queue(30.0, 30.0), 20.0, 0.0) == (
        "no series fits into 20 min; the first one takes about 30 min"
    )
    assert what_fits(queue(8.0, 9.0, spent=15.0), 20.0, 15.0) == (
        "0 of 2 series fit into the 5.0 min left"
    )
    assert what_fits(queue(8.0, spent=25.0), 20.0, 25.0) == (
        "0 of 1 series fit into the 0.0 min left"
    )


def test_what_nobody_knows_is_said() -> None:
    assert "cannot be said before" in what_fits(queue(None, None), 20.0, 0.0)


def test_without_a_limit_or_a_pool_there_is_nothing_to_say() -> None:
    assert what_fits(queue(8.0), None, 0.0) == ""
    assert what_fits([queue_row("a", status="annotated")], 20.0, 0.0) == ""


def test_how_well_a_plan_held() -> None:
    held = time_plan(
        PlanEntry("a", 10.0, 13.0, accepted=True),
        PlanEntry("b", 20.0, 26.0, accepted=True),
        PlanEntry("c", 15.0, 2.0),
    )
    assert what_was_held(held) == (
        "2 of 3 planned series accepted after 41 min of 60 min; expected 30 min, took 39 min "
        "(30 % more)"
    )


@pytest.mark.parametrize(("measured", "verdict"), [(7.5, "25 % less"), (10.01, "as planned")])
def test_a_plan_can_be_too_long_or_just_right(measured: float, verdict: str) -> None:
    assert what_was_held(time_plan(PlanEntry("a", 10.0, measured, accepted=True))).endswith(
        f"({verdict})"
    )


def test_what_was_not_planned_is_counted_apart() -> None:
    other = PlanEntry("x", None, 4.0, accepted=True, planned=False)
    assert what_was_held(time_plan(PlanEntry("a", 10.0), other)) == (
        "0 of 1 planned series accepted after 4.0 min of 60 min, and 1 that was not planned"
    )
    assert "and 2 that were not planned" in what_was_held(time_plan(other, other))


def test_a_plan_under_which_nothing_was_done_says_nothing() -> None:
    assert what_was_held(None) == ""
    assert what_was_held(time_plan(PlanEntry("a", 10.0))) == ""


def test_a_series_that_should_have_taken_no_time_breaks_nothing() -> None:
    done = time_plan(PlanEntry("a", 0.0, 3.0, accepted=True))
    assert what_was_held(done).endswith("expected 0.0 min, took 3.0 min")


def test_the_latest_sessions_are_told_of_first() -> None:
    done = PlanEntry("a", 10.0, 10.0, accepted=True)
    plans = [time_plan(done, minutes=float(minutes)) for minutes in range(10, 18)]
    told = told_plans(plans)
    assert len(told) == 5
    assert told[0].startswith("2026-01-01 10:20 (UTC), easy-first: 1 of 1 planned series accepted")
    assert ["of 17 min" in told[0], "of 13 min" in told[-1]] == [True, True]
