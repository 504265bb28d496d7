"""Two pieces of work, timed in turns."""

from __future__ import annotations

import pytest
import torch

from SAIMCore.benchmarks import timing
from SAIMCore.benchmarks.timing import WARM_UP, Comparison, Work, compare, quartiles, repeat

CPU = torch.device("cpu")


class Clock:
    """Stands still but for the work that lets it run."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(timing, "time", made)
    return made


def test_the_two_take_turns() -> None:
    done: list[str] = []
    compare(Work(lambda: done.append("a")), Work(lambda: done.append("b")), CPU, repeats=3)
    assert done == ["a", "b"] * (WARM_UP + 3)


def test_the_warm_up_does_not_count(clock: Clock) -> None:
    seconds = iter([100.0] * WARM_UP + [3.0, 4.0])
    measured = Work(lambda: clock.work(next(seconds)))
    found = compare(measured, Work(lambda: clock.work(2.0)), CPU, repeats=2)
    assert found.measured == (3.0, 4.0)
    assert found.reference == (2.0, 2.0)


def test_what_comes_before_the_work_does_not_count(clock: Clock) -> None:
    work = Work(lambda: clock.work(1.0), before=lambda: clock.work(50.0))
    found = compare(work, work, CPU, repeats=1)
    assert found.measured == found.reference == (1.0,)


def test_work_can_be_timed_without_another_beside_it(clock: Clock) -> None:
    seconds = iter([100.0] * WARM_UP + [3.0, 4.0])
    work = Work(lambda: clock.work(next(seconds)), before=lambda: clock.work(50.0))
    assert repeat(work, CPU, repeats=2) == (3.0, 4.0)


def test_neighbors_in_time_are_compared() -> None:
    # The machine became three times as slow in the middle, for both.
    found = Comparison((1.1, 3.3), (1.0, 3.0))
    assert found.slowdowns == pytest.approx([1.1, 1.1])
    assert found.speedups == pytest.approx([1 / 1.1, 1 / 1.1])
    assert found.differences == pytest.approx([0.1, 0.3])


def test_times_are_given_in_milliseconds() -> None:
    found = Comparison((0.1, 0.3, 0.2), (0.05, 0.04, 0.06))
    assert found.to_json() == pytest.approx(
        {"measured_ms": 200.0, "reference_ms": 50.0, "repeats": 3}
    )


def test_the_spread_is_that_of_the_quartiles() -> None:
    assert quartiles([1.0, 2.0, 3.0, 4.0, 100.0]) == (2.0, 4.0)
    assert quartiles([1.5]) == (1.5, 1.5)
