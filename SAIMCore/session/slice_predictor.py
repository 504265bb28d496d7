"""What an interactive session needs of a predictor (``SAIMCore.predictor.Predictor`` has it)."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from SAIMCore.classes import ClassTable
from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.memory import InteractionMemory

__all__ = ["SlicePredictor"]


class SlicePredictor(Protocol):
    """Turns an image slice and a memory into class probabilities."""

    @property
    def classes(self) -> ClassTable: ...

    @property
    def num_classes(self) -> int: ...

    @property
    def version(self) -> str:
        """Name of the model; another one for other weights."""

    @property
    def preprocessing(self) -> PreprocessingOptions:
        """How the slices that it is shown must be prepared."""

    @property
    def memory(self) -> InteractionMemory: ...

    @property
    def device(self) -> torch.device: ...

    def input_shape(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns to which a slice is padded (bottom and right) for the network."""

    def probabilities(self, image: Tensor, memory: Tensor) -> Tensor:
        """(B, 1, H, W) and (B, M, H, W) to (B, N, H, W) float32, on any device."""

    def conditioned(
        self, image: Tensor, memory: Tensor, targets: Tensor, options: ConditioningOptions
    ) -> Tensor:
        """Probabilities (1, N, h, w) of one slice that agree with ``targets`` where possible.

        targets: (h, w) class indices, ``FREE`` where nothing is demanded (``conditioned_answer``).
        """
