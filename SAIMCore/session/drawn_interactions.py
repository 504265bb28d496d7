"""The interactions of one round as pixels, worked out once however often they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.interactions import (
    Drawing,
    Interaction,
    draw,
    impose_drawings,
    mask_indices,
)

__all__ = ["DrawnInteractions"]


@dataclass(frozen=True, eq=False)
class DrawnInteractions:
    """``interactions`` on a slice of ``shape`` (h, w).

    Every prediction needs the pixels of all earlier rounds again, and painting strokes anew each
    time would cost more with every round.
    """

    interactions: tuple[Interaction, ...]
    shape: tuple[int, int]

    def add_masks(self, out: Tensor) -> None:
        """Set the mask pixels to 1 in ``out`` (N, H, W), H and W at least those of the slice."""
        if self.interactions:
            if out.device not in self._uploaded:
                self._uploaded[out.device] = torch.from_numpy(self._mask_indices).to(out.device)
            classes, rows, columns = self._uploaded[out.device]
            out[classes, rows, columns] = 1

    def impose(self, labels: NDArray[np.uint8]) -> None:
        """Give the interacted pixels of ``labels`` (h, w) their classes; later ones win."""
        impose_drawings(labels, self.interactions, self._drawings)

    @cached_property
    def _uploaded(self) -> dict[torch.device, Tensor]:
        """``_mask_indices`` on the devices that asked for them: a few hundred bytes a click."""
        return {}

    @cached_property
    def _drawings(self) -> list[Drawing]:
        return draw(self.interactions, self.shape)

    @cached_property
    def _mask_indices(self) -> NDArray[np.int64]:
        return mask_indices(self.interactions, self._drawings).astype(np.int64, copy=False)
