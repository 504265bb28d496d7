"""A training that is followed: who does its jobs, and steps that many tests take."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from SAIMCore.errors import SaimError
from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.options import RoundOptions

Launch = Callable[[Path], Any]
Open = Callable[..., BackgroundTraining]


class AtOnce(Executor):
    """Does what it is given before it says that it will."""

    def submit(self, function: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **more))
        except (SaimError, OSError) as error:
            future.set_exception(error)
        return future


class Later(Executor):
    """Does nothing before it is told to."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def submit(self, function: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._waiting.append(lambda: future.set_result(function(*arguments, **more)))
        return future

    def work(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()


def settle(training: BackgroundTraining) -> None:
    """Poll until nothing changes any more, also by a job that the last poll began."""
    while any([training.poll(), training.poll()]):
        pass


def begin(training: BackgroundTraining, **options: Any) -> None:
    training.start(RoundOptions(**options))
    settle(training)


def rounds(project: Project) -> list[str]:
    return [record.status for record in project.rounds.all()]
