"""The loss: focal loss with per-class weights from the training set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.errors import TrainingError

__all__ = ["IGNORED", "FocalLoss", "class_frequencies", "class_weights"]

# Label of padding pixels: no such tissue exists, so they teach nothing. A class table has at most
# 255 classes, numbered from 0, so this uint8 is none of them.
IGNORED = 255


def class_frequencies(series: Iterable[LabeledSeries], num_classes: int) -> NDArray[np.float64]:
    """Share of every class among all labeled pixels, (N,), counted slice by slice."""
    counts = np.zeros(num_classes, dtype=np.int64)
    for entry in series:
        for labels in entry.labels:
            counts += np.bincount(labels.ravel(), minlength=num_classes)[:num_classes]
    return counts / max(1, counts.sum())


def class_weights(frequencies: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
    """Weights (N,) that grow with the rarity of a class, scaled to a mean of 1 per pixel.

    The papers ask for data-set-wide weights against the imbalance (DDG-SIM, section 5.1.1)
    without giving the formula. The inverse square root lies between none and full balancing,
    which at a background share of 96 % would make every false positive nearly free.
    Raises TrainingError naming the classes without a single voxel.
    """
    missing = [name for name, share in zip(names, frequencies, strict=True) if share == 0]
    if missing:
        raise TrainingError(
            f"no voxel of class {', '.join(missing)} in the training set; annotate a series that "
            "shows it, or remove it from the class table"
        )
    weights = 1 / np.sqrt(frequencies)
    scaled: NDArray[np.float64] = weights / (weights * frequencies).sum()
    return scaled


class FocalLoss(nn.Module):
    """Focal loss (Lin et al., 2017) over softmax classes, as DDG-SIM (section 5.1.1) uses it.

    Pixels labeled ``IGNORED`` do not count. Every slice weighs the same, so that splitting a
    batch (over processes, or for gradient accumulation) changes nothing.
    """

    weights: Tensor

    def __init__(self, weights: NDArray[np.float64], gamma: float = 2.0) -> None:
        super().__init__()
        self.register_buffer("weights", torch.as_tensor(weights, dtype=torch.float32))
        self.gamma = gamma

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mean loss (scalar) of ``logits`` (B, N, H, W) against ``labels`` (B, H, W) uint8."""
        log_probability = F.log_softmax(logits.float(), dim=1)
        valid = labels != IGNORED
        target = torch.where(valid, labels, 0).long()
        at_target = log_probability.gather(1, target.unsqueeze(1)).squeeze(1)
        focus = (1 - at_target.exp()).clamp_min(0) ** self.gamma
        per_pixel = -self.weights[target] * focus * at_target * valid
        pixels = valid.sum(dim=(1, 2)).clamp_min(1)
        return (per_pixel.sum(dim=(1, 2)) / pixels).mean()
