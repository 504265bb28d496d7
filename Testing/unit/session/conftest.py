"""Small predictors that do what the contract says and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.memory import create_memory
from SAIMCore.session.interactive import InteractiveSession
from Testing.unit.session.session_files import busy

NAMES = ("background", "liver", "tumor<liver")


class LinearPredictor:
    """Every pixel's logits are a fixed linear map of its input channels.

    Inputs are recorded slice by slice, and how many there were at once.
    """

    def __init__(
        self, variant: str = "sequential", depth: int = 3, seed: int = 0, names=NAMES
    ) -> None:
        self.classes = ClassTable.from_names(names)
        self.num_classes = len(self.classes)
        self.memory = create_memory(variant, self.num_classes, depth)
        self.version = f"linear {seed}"
        self.preprocessing = PreprocessingOptions()
        self.device = torch.device("cpu")
        self.inputs: list[tuple[Tensor, Tensor]] = []
        self.batches: list[int] = []
        self.broken = False
        rng = np.random.default_rng(seed)
        weights = rng.normal(size=(self.num_classes, 1 + self.memory.channels))
        self._weights = torch.tensor(weights, dtype=torch.float32)

    def input_shape(self, height: int, width: int) -> tuple[int, int]:
        return -(-height // 32) * 32, -(-width // 32) * 32

    def probabilities(self, image: Tensor, memory: Tensor) -> Tensor:
        if self.broken:
            raise RuntimeError("out of memory")
        self.batches.append(len(image))
        self.inputs += zip(image.clone().split(1), memory.clone().split(1), strict=True)
        stacked = torch.cat([image, memory], dim=1)
        logits = (self._weights[None, :, :, None, None] * stacked[:, None]).sum(dim=2)
        return logits.softmax(dim=1)


class ConstantPredictor(LinearPredictor):
    """Sure of one class everywhere, whatever it is shown."""

    def __init__(self, answer: int = 0, variant: str = "sequential") -> None:
        super().__init__(variant)
        self._answer = answer

    def probabilities(self, image: Tensor, memory: Tensor) -> Tensor:
        super().probabilities(image, memory)
        answer = torch.zeros(len(image), self.num_classes, *image.shape[2:])
        answer[:, self._answer] = 1
        return answer


@pytest.fixture
def linear() -> Callable[..., LinearPredictor]:
    return LinearPredictor


@pytest.fixture
def constant() -> Callable[..., ConstantPredictor]:
    return ConstantPredictor


@pytest.fixture
def slices() -> NDArray[np.float16]:
    """Five slices of 40 x 50 pixels, so that the network's input is padded on both sides."""
    return np.random.default_rng(0).normal(size=(5, 40, 50)).astype(np.float16)


@pytest.fixture
def saved(linear, slices, tmp_path) -> Path:
    """The file of a session in the middle of its work."""
    path = tmp_path / "series.session"
    busy(InteractiveSession(linear(), slices, "patient 7")).save(path)
    return path
