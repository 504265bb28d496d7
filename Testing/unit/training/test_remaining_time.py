"""The time left is estimated from all that a step and a validation take."""

from __future__ import annotations

import pytest

from SAIMCore.training.remaining_time import RemainingTime


class Clock:
    """Stands still until a test lets it run."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def remaining(clock: Clock) -> RemainingTime:
    return RemainingTime(clock)


def steps(remaining: RemainingTime, clock: Clock, *seconds: float) -> None:
    for length in seconds:
        clock.now += length
        remaining.step_ended()


def test_nothing_is_known_at_first(remaining: RemainingTime) -> None:
    assert remaining.seconds(steps=10, validations=2) == 0


def test_all_time_between_two_steps_counts(remaining: RemainingTime, clock: Clock) -> None:
    steps(remaining, clock, 1.0, 3.0)
    assert remaining.seconds(steps=10, validations=0) == pytest.approx(20)


def test_validations_count_once_one_was_measured(remaining: RemainingTime, clock: Clock) -> None:
    steps(remaining, clock, 2.0)
    assert remaining.seconds(steps=0, validations=3) == 0
    clock.now += 30.0
    remaining.validation_ended()
    assert remaining.seconds(steps=4, validations=3) == pytest.approx(4 * 2 + 3 * 30)
    # Nor does the validation make the next step longer.
    steps(remaining, clock, 2.0)
    assert remaining.seconds(steps=1, validations=0) == pytest.approx(2)


def test_what_came_before_the_start_does_not_count(remaining: RemainingTime, clock: Clock) -> None:
    clock.now += 500.0
    remaining.start()
    steps(remaining, clock, 2.0)
    assert remaining.seconds(steps=1, validations=0) == pytest.approx(2)


def test_a_slow_first_step_is_soon_forgotten(remaining: RemainingTime, clock: Clock) -> None:
    steps(remaining, clock, 60.0, *[1.0] * 19)
    assert remaining.seconds(steps=1, validations=0) == pytest.approx(79 / 20)
    steps(remaining, clock, *[1.0] * 100)
    assert remaining.seconds(steps=1, validations=0) == pytest.approx(1, abs=0.02)


def test_the_time_left_falls_as_the_work_is_done(remaining: RemainingTime, clock: Clock) -> None:
    left = []
    for done in range(1, 11):
        steps(remaining, clock, 1.0)
        left.append(remaining.seconds(steps=10 - done, validations=0))
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
