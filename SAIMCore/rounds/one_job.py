"""One piece of work at a time in another thread, and who hears what came of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

from SAIMCore.errors import SaimError
from SAIMCore.rounds.background_task import BackgroundTask

__all__ = ["OneJob"]

Result = TypeVar("Result")


class OneJob:
    """Runs a job in ``executor`` or a thread of its own; ``poll`` hands over what came of it."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._own = ThreadPoolExecutor(1, "saim-training") if executor is None else None
        self._executor = executor
        self._running: (
            tuple[BackgroundTask[None, Any], Callable[[Any], None], Callable[[str], None]] | None
        ) = None

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
        self._running = (BackgroundTask(executor, lambda _: job()), done, failed)

    def poll(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for the end of the job; then hand over what came of it."""
        if self._running is None:
            return
        task, done, failed = self._running
        if not task.wait(timeout):
            return
        self._running = None
        try:
            result = task.result()
        except SaimError as error:
            failed(str(error))
        except OSError as error:
            failed(f"{error}; check that the project's folder can be reached, and try again")
        else:
            done(result)

    def close(self) -> None:
        """Wait for the job to end; nobody hears what came of it."""
        if self._running is not None:
            self._running[0].wait()
            self._running = None
        if self._own is not None:
            self._own.shutdown()
