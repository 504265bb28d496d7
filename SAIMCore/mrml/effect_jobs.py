"""What a click effect has to do: one thing after the other, the network's part in a worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol

from SAIMCore.errors import SaimError
from SAIMCore.interactions import Interaction

__all__ = ["EffectJobs", "Job", "JobOwner"]


@dataclass
class Job:
    """``prepare`` and ``finish`` in the scene's thread, ``run`` in the worker (None: not at all).

    What ``run`` returns goes to ``finish``. A ``proposal`` is not waited for when the user turns
    to something else.
    """

    finish: Callable[[Any], object]
    run: Callable[[], Any] | None = None
    prepare: Callable[[], None] | None = None
    proposal: bool = False


class JobOwner(Protocol):
    """Whose jobs they are; called in the thread that owns the scene."""

    def begin(self) -> None:
        """A job is about to be prepared; nothing is with the worker."""

    def round_of(self, interactions: tuple[Interaction, ...]) -> Job:
        """The job that lets the network answer ``interactions``, all on one slice."""

    def complain(self, sentence: str) -> None:
        """A job could not be done."""

    def update(self) -> None:
        """A job has ended."""


class EffectJobs:
    """The jobs of ``owner``; ``executor`` has one thread, and at most one of them at a time.

    Interactions on one slice that wait in a row become one job.
    """

    def __init__(self, executor: Executor, owner: JobOwner) -> None:
        self._executor = executor
        self._owner = owner
        self._waiting: deque[Job | Interaction] = deque()
        self._running: tuple[Job, Future[Any]] | None = None
        self.cancelled = False

    @property
    def busy(self) -> bool:
        """Whether there is something to do."""
        return self._running is not None or bool(self._waiting)

    def submit(self, job: Job | Interaction) -> None:
        """Do it when all before it is done: at once where nothing is."""
        self._waiting.append(job)
        if self._running is None:
            self._start()

    def poll(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds for the worker; whether it works on all the same.

        When it does not, its answer is shown, and the next job begun.
        """
        if self._running is not None:
            job, future = self._running
            wait([future], timeout)
            if not future.done():
                return True
            self._running = None
            self._finish(job, future.result)
        self._start()
        return False

    def cancel(self) -> None:
        """Drop what waits; what is running may ask ``cancelled``."""
        self._waiting.clear()
        self.cancelled = True

    def cancel_proposals(self) -> None:
        """Drop those of what waits; what is running may ask ``cancelled``."""
        self._waiting = deque(
            job for job in self._waiting if not (isinstance(job, Job) and job.proposal)
        )
        self.cancelled = True

    def drop(self) -> None:
        """Forget what waits, and let the worker end; its answer is lost."""
        self._waiting.clear()
        if self._running is not None:
            wait([self._running[1]])
            self._running = None

    def _start(self) -> None:
        """Begin the next job that needs the worker; do those that do not."""
        while self._waiting and self._running is None:
            job = self._next()
            self.cancelled = False
            if self._prepared(job):
                if job.run is not None:
                    self._running = job, self._executor.submit(job.run)
                else:
                    self._finish(job, lambda: None)

    def _prepared(self, job: Job) -> bool:
        """Whether the job can begin."""
        try:
            self._owner.begin()
            if job.prepare is not None:
                job.prepare()
        except SaimError as error:
            self._owner.complain(str(error))
            self._owner.update()
            return False
        return True

    def _next(self) -> Job:
        first = self._waiting.popleft()
        if isinstance(first, Job):
            return first
        together = [first]
        while self._waiting:
            following = self._waiting[0]
            if isinstance(following, Job) or following.slice_index != first.slice_index:
                break
            together.append(following)
            self._waiting.popleft()
        return self._owner.round_of(tuple(together))

    def _finish(self, job: Job, answer: Callable[[], Any]) -> None:
        try:
            job.finish(answer())
        except SaimError as error:
            self._owner.complain(str(error))
        finally:
            # Also after an error of another kind, which is the host's to report.
            self._owner.update()
