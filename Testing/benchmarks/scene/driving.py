"""A click effect driven as a host does it: a worker, a timer, and a bounded wait for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import slicer

from SAIMCore.errors import SaimError
from SAIMCore.interactions import Click
from SAIMCore.mrml.click_effect import ClickEffect
from SAIMCore.mrml.series_annotation import SeriesAnnotation

__all__ = ["DrivenEffect", "driven"]

# As ``ClickEffect.poll`` asks for it.
TIMER_SECONDS = 0.005


class DrivenEffect:
    """``effect``, and how many seconds each click took.

    ``own``: all but the worker's part; ``until_shown``: from the worker's answer to the end.
    """

    def __init__(self, annotation: SeriesAnnotation, scene: slicer.vtkMRMLScene) -> None:
        self.worker = _Worker()
        self.effect = ClickEffect(annotation, _Host(), scene, self.worker)
        self.own: list[float] = []
        self.until_shown: list[float] = []

    def click(self, click: Click) -> None:
        """Let it be answered, and shown."""
        started = time.perf_counter()
        grid = self.effect.annotation.grid
        point = grid.point(click.slice_index, click.row, click.column)
        self.effect.click([point], click.class_index)
        self.settle()
        ended = time.perf_counter()
        self.own.append(ended - started - (self.worker.done - self.worker.began))
        self.until_shown.append(ended - self.worker.done)

    def settle(self) -> None:
        """What a timer does until nothing is left to wait for."""
        while self.effect.poll():
            time.sleep(TIMER_SECONDS)


@contextmanager
def driven(annotation: SeriesAnnotation, scene: slicer.vtkMRMLScene) -> Iterator[DrivenEffect]:
    """An effect on ``annotation`` for as long as the block runs."""
    made = DrivenEffect(annotation, scene)
    try:
        yield made
    finally:
        made.effect.rest()
        made.worker.shutdown()


class _Worker(Executor):
    """One thread, which notes when its last work began and was done."""

    def __init__(self) -> None:
        self.began = self.done = 0.0
        self._thread = ThreadPoolExecutor(1)

    def submit(self, call: Callable[[], Any], /, *_: Any, **__: Any) -> Future[Any]:  # type: ignore[override]
        def noted() -> Any:
            self.began = time.perf_counter()
            try:
                return call()
            finally:
                self.done = time.perf_counter()

        return self._thread.submit(noted)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._thread.shutdown(wait, cancel_futures=cancel_futures)


class _Host:
    """A window without anything in it."""

    def refresh(self) -> None:
        return None

    def complain(self, sentence: str) -> None:
        # Nothing that fails may count as fast.
        raise SaimError(sentence)

    def composite_views(self) -> list[slicer.vtkMRMLSliceCompositeNode]:
        return []
