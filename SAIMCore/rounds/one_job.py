"""One piece of work at a time in another thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from SAIMCore.errors import SaimError

__all__ = ["OneJob"]

Result = TypeVar("Result")

# Lets the other thread have Python, which an idle desktop application keeps to itself
# (slicer-facts.md, E).
SECONDS_TO_WAIT = 0.01


class OneJob:
    """Runs a job in ``executor`` or a thread of its own; ``poll`` hands over what came of it."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._own = ThreadPoolExecutor(1, "saim-training") if executor is None else None
        self._executor = executor
        self._running: tuple[Future[Any], Callable[[Any], None], Callable[[str], None]] | None
        self._running = None

    @property
    def busy(self) -> bool:
        return self._running is not None

    def start(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[str], None],
    ) -> None:
        """Begin ``job``; ``poll`` calls ``done`` with its result or ``failed`` with its error."""
        executor = self._executor or self._own
        assert executor is not None
        self._running = (executor.submit(job), done, failed)

    def poll(self) -> None:
        """Wait a little for the job, and hand over what came of it when it has ended."""
        if self._running is None:
            return
        future, done, failed = self._running
        wait([future], SECONDS_TO_WAIT)
        if not future.done():
            return
        self._running = None
        try:
            result = future.result()
        except SaimError as error:
            failed(str(error))
        except OSError as error:
            failed(f"{error}; check that the project's folder can be reached, and try again")
        else:
            done(result)

    def close(self) -> None:
        """Wait for the job to end; nobody hears what came of it."""
        if self._running is not None:
            wait([self._running[0]])
            self._running = None
        if self._own is not None:
            self._own.shutdown()
