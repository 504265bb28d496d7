"""Something that runs in a worker thread, reports, can be cancelled, and is asked how it is."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from typing import Generic, TypeVar

__all__ = ["BackgroundTask", "TaskControl"]

Report = TypeVar("Report")
Result = TypeVar("Result")


class TaskControl(Generic[Report]):
    """What the thread has of its task: it reports, and looks whether it is to stop."""

    def __init__(self) -> None:
        self._reports: deque[Report] = deque()
        self._cancelled = threading.Event()

    def report(self, report: Report) -> None:
        """Tell whoever polls; to be called in the thread."""
        self._reports.append(report)

    def cancelled(self) -> bool:
        """Whether the task is to stop soon."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the thread to stop."""
        self._cancelled.set()

    def new_reports(self) -> list[Report]:
        """The reports since the last call, oldest first."""
        found = []
        while self._reports:
            found.append(self._reports.popleft())
        return found


class BackgroundTask(Generic[Report, Result]):
    """``run`` in a thread of ``executor``; it gets the task's control and gives its result.

    All methods are for the thread that polls.
    """

    def __init__(self, executor: Executor, run: Callable[[TaskControl[Report]], Result]) -> None:
        self._control: TaskControl[Report] = TaskControl()
        self._future: Future[Result] = executor.submit(run, self._control)

    def cancel(self) -> None:
        """Ask it to stop; it is done when it has, with whatever result it gives then."""
        self._control.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._control.cancelled()

    @property
    def done(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self._future.done()

    @property
    def failed(self) -> bool:
        """Whether it has ended with an error."""
        return self._future.done() and self._future.exception() is not None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to ``timeout`` seconds for its end (None: for as long as it takes); ``done``."""
        wait([self._future], timeout)
        return self.done

    def new_reports(self) -> list[Report]:
        """The reports since the last call, oldest first."""
        return self._control.new_reports()

    def result(self) -> Result:
        """What it gave; raises what it raised."""
        return self._future.result()
