"""What is left, and what fits."""

from __future__ import annotations

import pytest

from SAIMCore.campaign.budget import hours_left, require_time, share_done, within_budget
from SAIMCore.errors import ConfigurationError
from Testing.unit.campaign.made_up import queue_row


def test_the_hours_left_are_those_of_the_pool() -> None:
    rows = [
        queue_row("a", predicted_minutes=60.0),
        queue_row("b", predicted_minutes=60.0, minutes_spent=30.0, status="in progress"),
        queue_row("c", predicted_minutes=60.0, status="annotated"),
    ]
    assert hours_left(rows) == 1.5
    assert hours_left(rows[2:]) == 0


def test_the_hours_left_are_not_known_before_an_annotation_was_timed() -> None:
    assert hours_left([queue_row("a")]) is None


def test_the_share_done_is_of_what_is_annotated_or_to_be() -> None:
    statuses = ("annotated", "unannotated", "in progress", "unannotated", "test", "excluded")
    assert share_done([queue_row(status, status=status) for status in statuses]) == 0.25
    assert share_done([queue_row(status="test")]) is None


@pytest.mark.parametrize(
    ("minutes", "names"), [(0.5, "a"), (3.9, "c"), (4, "a"), (5, "ac"), (9, "ab"), (99, "abc")]
)
def test_the_time_is_filled_in_the_order_of_the_queue(minutes: float, names: str) -> None:
    assert within_budget({"a": 4.0, "b": 5.0, "c": 1.0}, minutes) == list(names)


def test_what_is_too_long_is_passed_over_and_the_rest_of_the_time_filled() -> None:
    assert within_budget({"long": 70.0, "a": 40.0, "b": 30.0, "c": 20.0}, 60.0) == ["a", "c"]


@pytest.mark.parametrize(("spent", "names"), [(0.0, ["a"]), (0.5, []), (30.0, [])])
def test_at_least_one_series_fits_into_a_session_that_begins(
    spent: float, names: list[str]
) -> None:
    assert within_budget({"a": 4.0, "b": 6.0}, 3.0, spent) == names


def test_what_is_over_of_a_session_is_not_planned_again() -> None:
    assert within_budget({"a": 4.0, "b": 5.0, "c": 1.0}, 9.0, spent=4.0) == ["a", "c"]


def test_without_predictions_nobody_knows_what_fits() -> None:
    assert within_budget({"a": 4.0, "b": None}, 30.0) is None
    assert within_budget({}, 30.0) == []


@pytest.mark.parametrize("minutes", [None, 0.5, 480])
def test_a_session_takes_any_time_or_so_many_minutes(minutes: float | None) -> None:
    require_time(minutes)


@pytest.mark.parametrize("minutes", [0, -5, float("inf"), float("nan")])
def test_a_time_that_no_session_takes_is_refused_in_words_for_people(minutes: float) -> None:
    with pytest.raises(ConfigurationError, match="a session takes more than 0 minutes, not ") as it:
        require_time(minutes)
    assert "_" not in str(it.value)
