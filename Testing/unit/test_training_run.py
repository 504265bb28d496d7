"""One training from its job to its result, in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAIMCore import training_run
from SAIMCore.checkpoint import ModelConfig, load_config
from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.reading import write_labelmap
from SAIMCore.data.sources import SeriesSource
from SAIMCore.job import LabeledSource, TrainingJob
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.encoder_weights import WeightsReport
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.processes import Processes
from SAIMCore.training_run import PRETRAINED_RATE, TrainingRun

CLASSES = ClassTable.from_names(["background", "organ"])
SIDE, SLICES = 32, 4


@pytest.fixture
def job(tmp_path: Path) -> TrainingJob:
    geometry = Geometry((SIDE, SIDE, SLICES), (1, 1, 3), (0, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    labels = np.zeros((SLICES, SIDE, SIDE), np.uint8)
    labels[:, 8:20, 10:24] = 1
    path = tmp_path / "a.nii"
    write_labelmap(path, labels, geometry, CLASSES)
    source = LabeledSource(SeriesSource("a", path, (path,)), path)
    network = NetworkConfig(2, "none", encoder="resnet18", decoder_channels=(16, 16, 8, 8, 8))
    return TrainingJob(
        ModelConfig(network, CLASSES, PreprocessingOptions(), SIDE, "round-001"),
        TrainingConfig(epochs=1, steps_per_epoch=2, validation_clicks=0),
        tmp_path / "cache",
        {"training": (source,), "validation": (source,)},
        device="cpu",
    )


class Run:
    """Runs one job in one folder, as often as a test asks for it."""

    def __init__(self, job: TrainingJob, folder: Path) -> None:
        self.job, self.folder = job, folder
        self.events: list[dict[str, Any]] = []
        folder.mkdir()

    def go_on(self, stop_after_steps: int | None = None) -> bool:
        def stop() -> bool:
            return self.count("step") == stop_after_steps

        return TrainingRun(self.job, self.folder, Processes(), self.events.append, stop).run()

    def count(self, kind: str) -> int:
        return sum(event["event"] == kind for event in self.events)


@pytest.fixture
def run(job: TrainingJob, tmp_path: Path) -> Run:
    return Run(job, tmp_path / "run")


def test_a_resumed_training_does_not_look_for_starting_weights(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They were found when the training began; now they are gone.
    found = WeightsReport(True, "found")
    monkeypatch.setattr(training_run, "load_encoder_weights", lambda *_: found)
    assert not run.go_on(stop_after_steps=1)
    gone = WeightsReport(False, "gone")
    monkeypatch.setattr(training_run, "load_encoder_weights", lambda *_: gone)
    assert run.go_on()
    (best,) = run.folder.glob("best-*")
    assert load_config(best).training["learning_rate"] == PRETRAINED_RATE
    assert run.count("warning") == 0


def test_a_resumed_fine_tuning_does_without_the_model_it_started_from(
    run: Run, tmp_path: Path
) -> None:
    run.job = replace(run.job, pretrained=False)
    assert not run.go_on(stop_after_steps=1)
    run.job = replace(run.job, start_from=tmp_path / "removed since")
    assert run.go_on()


def test_a_gpu_is_told_to_compute_the_same_from_the_same_seed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    run.go_on(stop_after_steps=1)
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
