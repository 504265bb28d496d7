"""What is left, and what fits."""

from __future__ import annotations

import pytest

from SAIMCore.campaign.budget import hours_left, share_done, within_budget
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


@pytest.mark.parametrize(("minutes", "count"), [(0.5, 1), (4, 1), (8.9, 1), (9, 2), (99, 3)])
def test_the_first_series_that_fit_together_are_within_the_budget(
    minutes: float, count: int
) -> None:
    queue = [queue_row(predicted_minutes=value) for value in (4.0, 5.0, 1.0)]
    assert within_budget(queue, minutes) == count


def test_what_was_begun_needs_only_the_rest() -> None:
    queue = [queue_row(predicted_minutes=4.0, minutes_spent=3.0), queue_row(predicted_minutes=4.0)]
    assert within_budget(queue, 5.0) == 2


@pytest.mark.parametrize(("spent", "count"), [(0.0, 1), (0.5, 0), (30.0, 0)])
def test_at_least_one_series_fits_into_a_session_that_begins(spent: float, count: int) -> None:
    assert within_budget([queue_row(predicted_minutes=4.0)], 3.0, spent) == count


def test_without_predictions_nobody_knows_what_fits() -> None:
    assert within_budget([queue_row()], 30.0) is None
    assert within_budget([], 30.0) == 0
