"""Thumbnails for the rows that are on the screen, made while somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from SAIMCore.campaign.thumbnails import Thumbnails
from SAIMCore.errors import InvalidImageError
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl

__all__ = ["ThumbnailRequests"]


class ThumbnailRequests:
    """Makes thumbnails in a thread of ``executor``, always those that were wanted last."""

    def __init__(self, thumbnails: Thumbnails, executor: Executor) -> None:
        self._thumbnails = thumbnails
        self._executor = executor
        self._made: dict[str, Path | None] = {}
        self._task: BackgroundTask[tuple[str, Path | None], None] | None = None
        self._wanted: Sequence[str] = ()

    @property
    def busy(self) -> bool:
        """Whether the thread is at work."""
        return self._task is not None

    def path(self, name: str) -> Path | None:
        """The thumbnail of a series that was wanted, None while (or if) there is none."""
        return self._made.get(name)

    def want(self, names: Sequence[str]) -> None:
        """These rows are on the screen now; what is no longer there is not made any more."""
        self._wanted = [name for name in names if name not in self._made]
        if self._task is not None:
            self._task.cancel()
        elif self._wanted:
            self._begin()

    def poll(self) -> list[str]:
        """Series whose thumbnails were made since the last call.

        Raises ProjectError when the disk is full or read-only; no more are made then.
        """
        if self._task is None:
            return []
        done = self._task.done
        found = self._task.new_reports()
        self._made.update(found)
        if done:
            task, self._task = self._task, None
            task.result()
            self.want(self._wanted)
        return [name for name, path in found if path is not None]

    def end(self) -> None:
        """Stop, and wait until it has."""
        if self._task is not None:
            self._task.cancel()
            self._task.wait()
            self._task = None

    def _begin(self) -> None:
        names = list(self._wanted)

        def make(control: TaskControl[tuple[str, Path | None]]) -> None:
            for name in names:
                if control.cancelled():
                    return
                try:
                    control.report((name, self._thumbnails.make(name)))
                except InvalidImageError:
                    # The queue says so when the series is ranked or opened.
                    control.report((name, None))

        self._task = BackgroundTask(self._executor, make)
