"""One slice and its rounds to the network and back, in tensors that are allocated once."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.device import CPU, where_it_fits
from SAIMCore.interactions import Interaction
from SAIMCore.likeliest import likeliest_class
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.slice_predictor import SlicePredictor
from SAIMCore.session.slice_state import SliceRound, SliceState, remembered
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["SliceAnswers"]


class SliceAnswers:
    """Lets ``predictor`` answer interaction rounds on ``slices`` (S, h, w).

    Image (1, 1, H, W) and memory (1, M, H, W) lie on the predictor's device (on the CPU where its
    memory does not suffice), padded with 0. The
    probabilities of the slice that was answered last stay there as well; those of other slices
    wait on the host, so that a long session does not fill the device.
    """

    def __init__(self, predictor: SlicePredictor, slices: NDArray[Any]) -> None:
        self.predictor = predictor
        self._slices = slices
        height, width = slices.shape[1:]
        self._shape = (height, width)
        padded_height, padded_width = predictor.input_shape(height, width)
        channels = predictor.memory.channels

        def inputs(device: torch.device) -> tuple[Tensor, Tensor]:
            image = torch.zeros(1, 1, padded_height, padded_width, device=device)
            return image, torch.zeros(1, channels, padded_height, padded_width, device=device)

        self._image, self._memory = where_it_fits(predictor.device, inputs)
        self._loaded: int | None = None
        self._on_device: weakref.WeakSet[StoredProbabilities] = weakref.WeakSet()

    @property
    def depth(self) -> int:
        """How many rounds of a slice must keep their probabilities."""
        return max(1, self.predictor.memory.depth)

    def answer(
        self, slice_index: int, rounds: Sequence[SliceRound], interactions: Sequence[Interaction]
    ) -> SliceState:
        """The slice after the network answered a round of ``interactions`` that follows rounds."""
        self._load(slice_index, rounds)
        present = SliceRound(DrawnInteractions(tuple(interactions), self._shape))
        self.predictor.memory.assemble((*rounds, present), self._memory)
        answer = self.predictor.probabilities(self._image, self._memory)
        probabilities = answer[0, :, : self._shape[0], : self._shape[1]]
        stored = StoredProbabilities(probabilities)
        self._on_device.add(stored)
        answered = replace(present, probabilities=stored, model=self.predictor.version)
        rounds = (*rounds, answered)
        return SliceState(remembered(rounds, self.depth), _labels(probabilities, rounds))

    def release(self) -> None:
        """Move all probabilities to the host."""
        for probabilities in self._on_device:
            probabilities.move_to(CPU)
        self._on_device.clear()
        self._loaded = None

    def _load(self, slice_index: int, rounds: Sequence[SliceRound]) -> None:
        if slice_index == self._loaded:
            return
        self.release()
        pixels = np.array(self._slices[slice_index], dtype=np.float32)
        height, width = self._shape
        self._image[0, 0, :height, :width].copy_(torch.from_numpy(pixels))
        for past_round in rounds:
            if past_round.probabilities is not None:
                past_round.probabilities.move_to(self._image.device)
                self._on_device.add(past_round.probabilities)
        self._loaded = slice_index


def _labels(probabilities: Tensor, rounds: Sequence[SliceRound]) -> NDArray[np.uint8]:
    """Read-only labels (h, w) of ``probabilities`` (N, h, w), every interaction obeyed."""
    labels: NDArray[np.uint8] = likeliest_class(probabilities).cpu().numpy()
    for past_round in rounds:
        past_round.impose(labels)
    labels.setflags(write=False)
    return labels
