from __future__ import annotations

import pytest

from SAIMCore.session.activity import ActivityClock


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_nothing_is_counted_before_the_first_action(time):
    clock = ActivityClock(clock=time)
    time.now += 30
    assert clock.seconds == 0
    assert clock.idle
    clock.touch()
    assert clock.seconds == 0
    assert not clock.idle


def test_the_clock_runs_between_actions_and_since_the_last_one(time):
    clock = ActivityClock(clock=time)
    clock.touch()
    time.now += 20
    clock.touch()
    time.now += 15
    assert clock.seconds == 35
    assert clock.seconds == 35, "asking changes nothing"


def test_the_clock_stops_after_a_minute_without_action_and_goes_on_with_the_next(time):
    clock = ActivityClock(clock=time)
    clock.touch()
    time.now += 59
    assert not clock.idle
    time.now += 1
    assert clock.idle
    time.now += 3600
    assert clock.seconds == 60
    clock.touch()
    assert not clock.idle
    time.now += 5
    assert clock.seconds == 65


def test_a_paused_clock_stands_until_the_next_action(time):
    clock = ActivityClock(clock=time)
    clock.touch()
    time.now += 10
    clock.pause()
    time.now += 10
    assert clock.seconds == 10
    assert clock.idle
    clock.touch()
    time.now += 1
    assert clock.seconds == 11


def test_earlier_sittings_count(time):
    clock = ActivityClock(start=120.0, clock=time)
    clock.touch()
    time.now += 3
    assert clock.seconds == 123
