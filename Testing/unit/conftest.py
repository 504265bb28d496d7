"""Very small models, for the tests of what loads and runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network


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
