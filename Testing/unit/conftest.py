"""Very small models, and a training of one, for the tests of what loads and runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.job import TrainingJob
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.worker import FINISHED
from Testing.unit.worker_runs import CLASSES, TRAINING, Worker, write_series


@pytest.fixture
def small_config() -> Callable[..., ModelConfig]:
    """Makes the description of a small model of three classes."""

    def make(
        decoder: str = "unet", memory: str = "sequential", depth: int = 3, size: int = 64
    ) -> ModelConfig:
        network = NetworkConfig(3, memory, depth, decoder, "resnet18", (16, 12, 8, 8, 4))
        classes = ClassTable.from_names(["background", "uterus", "tumor<uterus"])
        preprocessing = PreprocessingOptions(lower_percentile=1.0)
        return ModelConfig(network, classes, preprocessing, size, "round-003", {"epoch": 7})

    return make


@pytest.fixture
def small_checkpoint(
    tmp_path: Path, small_config: Callable[..., ModelConfig]
) -> Callable[..., Path]:
    """Saves a small model with seeded weights; returns its folder."""

    def make(decoder: str = "unet", memory: str = "sequential") -> Path:
        config = small_config(decoder, memory)
        torch.manual_seed(0)
        folder = tmp_path / f"{decoder}-{memory}"
        save_checkpoint(folder, create_network(config.network), config)
        return folder

    return make


@pytest.fixture(scope="session")
def job(tmp_path_factory: pytest.TempPathFactory) -> TrainingJob:
    """The job of the worker's tests; no test changes it."""
    folder = tmp_path_factory.mktemp("series")
    network = NetworkConfig(3, encoder="resnet18", decoder_channels=(16, 16, 8, 8, 8))
    return TrainingJob(
        ModelConfig(network, CLASSES, PreprocessingOptions(), 32, "round-001", {}),
        TRAINING,
        folder / "cache",
        {
            "training": (write_series(folder, "a", 0), write_series(folder, "b", 1)),
            "validation": (write_series(folder, "c", 2),),
            "test": (write_series(folder, "d", 3),),
        },
        device="cpu",
        pretrained=False,
    )


@pytest.fixture(scope="session")
def uninterrupted(job: TrainingJob, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of ``job`` after a training that nothing disturbed, for all tests once."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    job.write(folder)
    code, events, words = Worker(folder).finish()
    assert code == FINISHED, words
    (folder / "seen.json").write_text(json.dumps(events), encoding="utf-8")
    return folder


@pytest.fixture
def run_folder(job: TrainingJob, tmp_path: Path) -> Path:
    """A run folder with ``job`` in it, and nothing else."""
    folder = tmp_path / "run"
    job.write(folder)
    return folder
