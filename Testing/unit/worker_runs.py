"""Runs of the training worker: a tiny job, its process, and what it leaves in its folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from SAIMCore.checkpoint import load_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import write_labelmap
from SAIMCore.data.sources import SeriesSource
from SAIMCore.job import LabeledSource
from SAIMCore.training.configuration import TrainingConfig

CLASSES = ClassTable.from_names(["background", "organ", "lesion"])
SIDE, SLICES = 24, 4
TRAINING = TrainingConfig(
    epochs=3, batch_size=4, steps_per_epoch=2, validation_clicks=1, learning_rate=1e-3
)

Events = list[dict[str, Any]]


def write_series(folder: Path, name: str, seed: int) -> LabeledSource:
    """A labelmap of nested squares; the image is the labelmap itself, which is easy to learn."""
    geometry = Geometry((SIDE, SIDE, SLICES), (1, 1, 3), (5, -7, 2), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    labels = np.zeros((SLICES, SIDE, SIDE), np.uint8)
    rng = np.random.default_rng(seed)
    for index in range(SLICES):
        row, column = rng.integers(1, SIDE - 11, 2)
        labels[index, row : row + 10, column : column + 10] = 1
        labels[index, row + 3 : row + 7, column + 3 : column + 7] = 2
    path = folder / f"{name}.nii.gz"
    write_labelmap(path, labels, geometry, CLASSES)
    return LabeledSource(SeriesSource(name, path, (path,)), path)


class Worker:
    """A worker process for one run folder."""

    def __init__(self, folder: Path, *arguments: str, launcher: tuple[str, ...] = ()) -> None:
        self.folder = folder
        command = [sys.executable, *(launcher or ("-m", "SAIMCore.worker")), str(folder)]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def events(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def finish(self) -> tuple[int, Events, str]:
        """Exit code, remaining events, standard error."""
        events = list(self.events())
        assert self.process.stderr is not None
        words = self.process.stderr.read()
        return self.process.wait(), events, words


def until(worker: Worker, kind: str, epoch: int) -> None:
    """Read events up to the first one of ``kind`` in ``epoch``."""
    for event in worker.events():
        if event["event"] == kind and event.get("epoch") == epoch:
            return
    raise AssertionError(f"the worker ended before {kind} of epoch {epoch}")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return load_checkpoint(folder / result["checkpoint"])[0].state_dict()


def metrics(folder: Path) -> Any:
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return json.loads((folder / result["checkpoint"] / "metrics.json").read_text(encoding="utf-8"))
