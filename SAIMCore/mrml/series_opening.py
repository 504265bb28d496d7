"""Opening a series for the click effect: what takes seconds, in the worker."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from SAIMCore.checkpoint import load_config
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import SaimError
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.volume_slices import volume_slices
from SAIMCore.predictor import Predictor
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal

__all__ = ["OpenedSession", "SeriesOpening"]


@dataclass(frozen=True)
class OpenedSession:
    """``session``, and why it is a new one although another was kept ("": none was)."""

    session: InteractiveSession
    problem: str = ""


class SeriesOpening:
    """Sessions of series, made in the thread of ``executor``; the last model stays loaded."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        # What makes the loaded model another one: its folder, its weights' time, the device.
        self._loaded: tuple[object, Predictor] | None = None

    def begin(
        self, grid: SliceGrid, model: Path, device: str, journal: AnnotationJournal
    ) -> Future[OpenedSession]:
        """The session of the volume of ``grid``: the one that ``journal`` kept, else a new one.

        To be called in the thread that owns the scene. Raises CheckpointError for a folder without
        a model, and what ``volume_slices`` raises; the future raises CheckpointError for damaged
        weights, and ConfigurationError for a device that does not exist.
        """
        config = load_config(model)
        slices = volume_slices(grid, config.preprocessing)
        name = grid.volume.GetName()
        files = contextlib.ExitStack()
        problem = ""
        kept = None
        try:
            kept = journal.saved()
            if kept is not None:
                files.enter_context(kept)
        except SaimError as error:
            problem = str(error)

        def opened() -> OpenedSession:
            predictor, images = self._predictor(model, device), slices()
            if kept is None:
                return OpenedSession(InteractiveSession(predictor, images, name), problem)
            try:
                return OpenedSession(InteractiveSession.restore(kept, predictor, images))
            except SaimError as error:
                return OpenedSession(InteractiveSession(predictor, images, name), str(error))

        future = self._executor.submit(opened)
        # Whatever becomes of it: an open file could not be replaced on Windows.
        future.add_done_callback(lambda _: files.close())
        return future

    def other_model(
        self, grid: SliceGrid, model: Path, device: str, present: PreprocessingOptions
    ) -> Callable[[], tuple[Predictor, NDArray[Any] | None]]:
        """A call for the worker: the model in ``model``, and the slices for it.

        None for the slices where it reads those that were prepared with ``present``. To be called,
        and raises, like ``begin``; the call raises like its future.
        """
        config = load_config(model)
        slices = None
        if config.preprocessing != present:
            slices = volume_slices(grid, config.preprocessing)

        def load() -> tuple[Predictor, NDArray[Any] | None]:
            return self._predictor(model, device), None if slices is None else slices()

        return load

    def _predictor(self, model: Path, device: str) -> Predictor:
        weights = model / "model.safetensors"
        key = (model, weights.stat().st_mtime_ns if weights.is_file() else None, device)
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = None
            self._loaded = key, Predictor.load(model, device)
        return self._loaded[1]
