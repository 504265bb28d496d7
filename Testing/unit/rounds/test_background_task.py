"""Tasks in a thread: reports, cancelling, errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from SAIMCore.rounds.background_task import BackgroundTask, TaskControl


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def test_reports_come_in_their_order_and_once(executor: ThreadPoolExecutor) -> None:
    def run(control: TaskControl[int]) -> str:
        for number in range(3):
            control.report(number)
        return "done"

    task: BackgroundTask[int, str] = BackgroundTask(executor, run)
    assert task.wait()
    assert task.new_reports() == [0, 1, 2]
    assert task.new_reports() == []
    assert task.result() == "done"


def test_waiting_gives_up_after_a_while(executor: ThreadPoolExecutor) -> None:
    end = threading.Event()
    task: BackgroundTask[int, bool] = BackgroundTask(executor, lambda control: end.wait(60))
    assert not task.wait(0.001)
    assert not task.done
    end.set()
    assert task.wait()


def test_a_cancelled_task_gives_what_it_has(executor: ThreadPoolExecutor) -> None:
    begun = threading.Event()

    def run(control: TaskControl[int]) -> int:
        begun.set()
        rounds = 0
        while not control.cancelled():
            rounds += 1
        return rounds

    task: BackgroundTask[int, int] = BackgroundTask(executor, run)
    assert begun.wait(60)
    task.cancel()
    assert task.wait()
    assert task.cancelled
    assert task.result() >= 0


def test_an_error_is_raised_where_the_result_is_asked_for(executor: ThreadPoolExecutor) -> None:
    def run(control: TaskControl[int]) -> None:
        raise ValueError("no")

    task: BackgroundTask[int, None] = BackgroundTask(executor, run)
    assert task.wait()
    with pytest.raises(ValueError, match="no"):
        task.result()
