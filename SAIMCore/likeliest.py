"""From class probabilities to labels."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["likeliest_class"]


def likeliest_class(probabilities: Tensor) -> Tensor:
    """Class indices (..., H, W), uint8, of probabilities (..., N, H, W), on the same device.

    Where several classes are equally likely the first of them wins.
    """
    # Not argmax, which on the CPU takes seven times as long along this axis.
    return probabilities.max(dim=-3).indices.to(torch.uint8)
