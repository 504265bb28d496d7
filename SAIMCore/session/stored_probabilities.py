"""Probabilities of one slice as a session keeps them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.acquisition import pixel_entropy
from SAIMCore.device import where_it_fits

__all__ = ["StoredProbabilities"]


class StoredProbabilities:
    """(N, h, w) float16, unpadded. The values never change, only the device they lie on.

    Half precision is what later inputs and saved files get, too, so that going on from a
    reopened session or after undo gives exactly what going on without would have given.
    """

    def __init__(self, probabilities: Tensor) -> None:
        def copied(device: torch.device) -> Tensor:
            return probabilities.to(
                device, torch.float16, copy=True, memory_format=torch.contiguous_format
            )

        self._values = where_it_fits(probabilities.device, copied)

    @classmethod
    def from_labels(cls, labels: NDArray[np.uint8], num_classes: int) -> StoredProbabilities:
        """Probability 1 for the class of each pixel of ``labels`` (h, w)."""
        return cls(torch.from_numpy(labels == np.arange(num_classes)[:, None, None]))

    @property
    def tensor(self) -> Tensor:
        return self._values

    def array(self) -> NDArray[np.float16]:
        """The values on the host, read-only."""
        values: NDArray[np.float16] = self._values.cpu().numpy()
        values.setflags(write=False)
        return values

    def move_to(self, device: torch.device) -> None:
        """Keep the values on ``device`` from now on, or on the CPU where they do not fit there."""
        self._values = where_it_fits(device, self._values.to)

    def entropy(self) -> NDArray[np.float32]:
        """Pixel entropy (h, w), 0 to 1."""
        values: NDArray[np.float32] = pixel_entropy(self._values).cpu().numpy()
        return values

    @cached_property
    def mean_entropy(self) -> float:
        """Mean of the pixel entropy, 0 to 1."""
        return float(pixel_entropy(self._values).mean())
