"""The interactions of one round as pixels, worked out once however often they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.interactions import Interaction

__all__ = ["DrawnInteractions"]


@dataclass(frozen=True, eq=False)
class DrawnInteractions:
    """``interactions`` on a slice of ``shape`` (h, w).

    Does what ``draw_masks`` and ``impose_interactions`` do. Every prediction needs the pixels of
    all earlier rounds again, and painting strokes anew each time would cost more with every round.
    """

    interactions: tuple[Interaction, ...]
    shape: tuple[int, int]

    def add_masks(self, out: Tensor) -> None:
        """Set the mask pixels to 1 in ``out`` (N, H, W), H and W at least those of the slice."""
        if self.interactions:
            if out.device not in self._uploaded:
                self._uploaded[out.device] = torch.from_numpy(self._mask_pixels).to(out.device)
            classes, rows, columns = self._uploaded[out.device]
            out[classes, rows, columns] = 1

    def impose(self, labels: NDArray[np.uint8]) -> None:
        """Give the interacted pixels of ``labels`` (h, w) their classes; later ones win."""
        for rows, columns, class_index in self._pixels:
            labels[rows, columns] = class_index

    @cached_property
    def _uploaded(self) -> dict[torch.device, Tensor]:
        """``_mask_pixels`` on the devices that asked for them: a few hundred bytes a click."""
        return {}

    @cached_property
    def _mask_pixels(self) -> NDArray[np.int64]:
        """Class, row and column of every mask pixel, (3, count)."""
        drawn = []
        for interaction in self.interactions:
            rows, columns = interaction.mask_pixels(self.shape)
            drawn.append(np.stack([np.full_like(rows, interaction.class_index), rows, columns]))
        return np.concatenate(drawn, axis=1, dtype=np.int64)

    @cached_property
    def _pixels(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp], int]]:
        return [
            (*interaction.pixels(self.shape), interaction.class_index)
            for interaction in self.interactions
        ]
