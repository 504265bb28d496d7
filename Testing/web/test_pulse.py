"""Timers and polls: nothing is done while nothing waits."""

from __future__ import annotations

from contextlib import nullcontext

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


def test_a_poll_that_fails_is_tried_less_and_less_often(clock: Clock) -> None:
    pulse, polls = Pulse(), []

    def poll() -> bool:
        polls.append(clock.now)
        if len(polls) < 9:
            raise RuntimeError
        return True

    pulse.while_busy(0.1, poll).start()
    waits = []
    for _ in range(9):
        waits.append(pulse.wait())
        clock.now += waits[-1]
        with pytest.raises(RuntimeError) if len(polls) < 8 else nullcontext():
            pulse.beat()
    assert waits == pytest.approx([0.1, 0.5, 1, 2, 4, 8, 16, 30, 30])
    # It goes well, and is as eager as before.
    assert pulse.wait() == pytest.approx(0.1)


def test_what_fails_keeps_nothing_else_from_being_done(clock: Clock) -> None:
    pulse, done = Pulse(), []

    def fail() -> None:
        raise RuntimeError

    for act in (lambda: done.append(1), fail, lambda: done.append(2)):
        pulse.after(1, act).start()
    clock.now += 1
    with pytest.raises(RuntimeError):
        pulse.beat()
    assert done == [1, 2]
    assert pulse.wait() is None


def test_who_starts_something_wakes_the_loop(clock: Clock) -> None:
    pulse, woken = Pulse(), []
    timer = pulse.after(1, lambda: None)
    pulse.on_start = lambda: woken.append(True)
    timer.start()
    assert woken == [True]
    timer.stop()
    assert pulse.beat() is None
