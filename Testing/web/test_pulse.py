"""Timers and polls: nothing is done while nothing waits."""

from __future__ import annotations

import pytest

from SAIMWeb import pulse as pulse_module
from SAIMWeb.pulse import Pulse


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(pulse_module.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_nothing_waits_at_first(clock: Clock) -> None:
    pulse = Pulse()
    pulse.after(1, lambda: pytest.fail("it was not started"))
    assert pulse.beat() is None


def test_a_timer_fires_once_after_its_time(clock: Clock) -> None:
    pulse, fired = Pulse(), []
    timer = pulse.after(2, lambda: fired.append(clock.now))
    timer.start()
    assert pulse.beat() == 2
    clock.now += 1.5
    assert pulse.beat() == 0.5
    clock.now += 0.5
    assert pulse.beat() is None
    assert fired == [102]


def test_started_again_it_waits_anew(clock: Clock) -> None:
    pulse, fired = Pulse(), []
    timer = pulse.after(2, lambda: fired.append(clock.now))
    timer.start()
    clock.now += 1
    timer.start()
    clock.now += 1
    assert pulse.beat() == 1
    clock.now += 1
    pulse.beat()
    assert fired == [103]


def test_a_poll_goes_on_until_it_is_not_busy(clock: Clock) -> None:
    pulse, answers = Pulse(), [True, True, False]
    pulse.while_busy(0.1, lambda: answers.pop(0)).start()
    for _ in range(3):
        clock.now += 0.1
        pulse.beat()
    assert answers == []
    assert pulse.beat() is None


def test_a_poll_that_was_started_meanwhile_goes_on(clock: Clock) -> None:
    pulse = Pulse()

    def poll() -> bool:
        clock.now += 0.01
        timer.start()
        return False

    timer = pulse.while_busy(0.1, poll)
    timer.start()
    clock.now += 0.1
    assert pulse.beat() == pytest.approx(0.1)


def test_a_poll_that_fails_is_tried_again(clock: Clock) -> None:
    pulse, polls = Pulse(), []

    def poll() -> bool:
        polls.append(clock.now)
        raise RuntimeError

    pulse.while_busy(0.1, poll).start()
    for _ in range(2):
        clock.now += 0.1
        with pytest.raises(RuntimeError):
            pulse.beat()
    assert len(polls) == 2


def test_who_starts_something_wakes_the_loop(clock: Clock) -> None:
    pulse, woken = Pulse(), []
    timer = pulse.after(1, lambda: None)
    pulse.on_start = lambda: woken.append(True)
    timer.start()
    assert woken == [True]
    timer.stop()
    assert pulse.beat() is None
