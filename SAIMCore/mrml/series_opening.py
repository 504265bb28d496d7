"""Opening a series for the click effect: what takes seconds, in the worker."""

from __future__ import annotations

import contextlib
from concurrent.futures import Executor, Future
from pathlib import Path

from SAIMCore.checkpoint import load_config
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.volume_slices import volume_slices
from SAIMCore.predictor import Predictor
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal

__all__ = ["SeriesOpening"]


class SeriesOpening:
    """Sessions of series, made in the thread of ``executor``; the last model stays loaded."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        # What makes the loaded model another one: its folder, its weights' time, the device.
        self._loaded: tuple[object, Predictor] | None = None

    def begin(
        self, grid: SliceGrid, model: Path, device: str, journal: AnnotationJournal
    ) -> Future[InteractiveSession]:
        """The session of the volume of ``grid``: the one that ``journal`` kept, else a new one.

        To be called in the thread that owns the scene. Raises CheckpointError for a folder without
        a model, and what ``volume_slices`` and the journal raise; the future raises CheckpointError
        for damaged weights, ConfigurationError for a device that does not exist, and ProjectError
        for a kept session that cannot be used.
        """
        config = load_config(model)
        slices = volume_slices(grid, config.preprocessing)
        name, kept = grid.volume.GetName(), journal.saved()

        def opened() -> InteractiveSession:
            with contextlib.ExitStack() as files:
                if kept is not None:
                    files.enter_context(kept)
                predictor = self._predictor(model, device)
                if kept is None:
                    return InteractiveSession(predictor, slices(), name)
                return InteractiveSession.restore(kept, predictor, slices())

        return self._executor.submit(opened)

    def _predictor(self, model: Path, device: str) -> Predictor:
        weights = model / "model.safetensors"
        key = (model, weights.stat().st_mtime_ns if weights.is_file() else None, device)
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = None
            self._loaded = key, Predictor.load(model, device)
        return self._loaded[1]
