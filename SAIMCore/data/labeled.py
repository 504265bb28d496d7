"""A series with its labels, both as memory-mapped stacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LabeledSeries"]


@dataclass(frozen=True)
class LabeledSeries:
    """What training and evaluation read: ``slices`` (S, h, w) normalized, ``labels`` likewise.

    ``labels`` are uint8 class indices. Neither is loaded into memory as a whole.
    """

    name: str
    slices: NDArray[Any]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.slices.shape != self.labels.shape:
            raise ValueError(
                f"series {self.name!r}: slices {self.slices.shape} and labels "
                f"{self.labels.shape} differ in shape"
            )
