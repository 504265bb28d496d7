"""Small phantoms for training tests: two nested squares on a dark ground."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.networks.config import NetworkConfig


def make_series(name: str, seed: int, slices: int = 4, side: int = 24) -> LabeledSeries:
    rng = np.random.default_rng(seed)
    labels = np.zeros((slices, side, side), np.uint8)
    for index in range(slices):
        row, column = rng.integers(1, side - 11, 2)
        labels[index, row : row + 10, column : column + 10] = 1
        labels[index, row + 3 : row + 7, column + 3 : column + 7] = 2
    image = labels * 1.5 - 1 + rng.normal(0, 0.1, labels.shape)
    return LabeledSeries(name, image.astype(np.float16), labels)


@pytest.fixture
def labeled_series() -> Callable[..., LabeledSeries]:
    return make_series


@pytest.fixture
def model_config() -> Callable[..., ModelConfig]:
    """Makes the description of a very small model of three classes."""

    def make(memory: str = "sequential", decoder: str = "unet") -> ModelConfig:
        network = NetworkConfig(
            3,
            memory_variant=memory,
            decoder=decoder,
            encoder="resnet18",
            decoder_channels=(16, 16, 8, 8, 8),
        )
        classes = ClassTable.from_names(["background", "organ", "lesion"])
        return ModelConfig(network, classes, PreprocessingOptions(), 32, "test", {})

    return make
