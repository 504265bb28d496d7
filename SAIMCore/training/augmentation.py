"""Augmentation of one training slice (DDG-SIM, section 5.1.2).

Flips along both axes, intensity shift, gamma, blur and unsharp mask. Flips are the only change
of geometry and are applied to image and labels alike, so the labels follow exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

__all__ = ["Augmentation"]

PROBABILITY = 0.5
SHIFT = 0.3
GAMMA = (0.7, 1.5)
BLUR_SIGMA = (0.5, 1.2)
UNSHARP_AMOUNT = (0.3, 1.5)
KERNEL = 5


@dataclass(frozen=True)
class Augmentation:
    """One drawn set of changes; the same object can be applied to image and labels."""

    flip_rows: bool = False
    flip_columns: bool = False
    shift: float = 0.0
    gamma: float = 1.0
    blur_sigma: float = 0.0
    unsharp_amount: float = 0.0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Augmentation:
        """Draw each change independently; blur and unsharp mask exclude each other."""
        flip_rows, flip_columns, shifted, bent = rng.random(4) < PROBABILITY
        shift, gamma = rng.uniform(-SHIFT, SHIFT), np.exp(rng.uniform(*np.log(GAMMA)))
        sharpness = rng.random()
        sigma, amount = rng.uniform(*BLUR_SIGMA), rng.uniform(*UNSHARP_AMOUNT)
        return cls(
            flip_rows=bool(flip_rows),
            flip_columns=bool(flip_columns),
            shift=float(shift) if shifted else 0.0,
            gamma=float(gamma) if bent else 1.0,
            blur_sigma=float(sigma) if sharpness < PROBABILITY / 2 else 0.0,
            unsharp_amount=float(amount) if sharpness > 1 - PROBABILITY / 2 else 0.0,
        )

    def geometry(self, slice_array: Tensor) -> Tensor:
        """Apply the flips only, to (..., rows, columns)."""
        axes = [axis for axis, flip in ((-2, self.flip_rows), (-1, self.flip_columns)) if flip]
        return slice_array.flip(axes) if axes else slice_array

    def image(self, image: Tensor) -> Tensor:
        """Apply everything to a normalized image (rows, columns) float32."""
        result = self.geometry(image)
        if self.gamma != 1:
            result = _bend(result, self.gamma)
        if self.blur_sigma > 0:
            result = _blur(result, self.blur_sigma)
        if self.unsharp_amount > 0:
            result = result + self.unsharp_amount * (result - _blur(result, 1.0))
        return result + self.shift

    def place(self, row: int, column: int, shape: tuple[int, int]) -> tuple[int, int]:
        """Where the pixel (row, column) of the original lies after the flips."""
        return (
            shape[0] - 1 - row if self.flip_rows else row,
            shape[1] - 1 - column if self.flip_columns else column,
        )


def _bend(image: Tensor, gamma: float) -> Tensor:
    low, high = torch.aminmax(image)
    span = high - low
    if span <= 0:
        return image
    return ((image - low) / span).pow(gamma) * span + low


def _blur(image: Tensor, sigma: float) -> Tensor:
    if min(image.shape) <= KERNEL:
        return image
    blurred: Tensor = transforms.gaussian_blur(image.unsqueeze(0), [KERNEL, KERNEL], [sigma, sigma])
    return blurred.squeeze(0)
