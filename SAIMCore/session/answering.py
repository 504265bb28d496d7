"""Slices and their rounds to the network and back, a clicked one in tensors allocated once."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.device import CPU, where_it_fits
from SAIMCore.interactions import Interaction
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.slice_answer import answered_slice
from SAIMCore.session.slice_predictor import SlicePredictor
from SAIMCore.session.slice_state import SliceRound, SliceState
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["SliceAnswers"]

# How many slices are answered together. A GPU takes as many as a ranking gives it; a CPU is busy
# with a large slice, and a batch of them would only be longer to cancel.
BATCH_SIZE = 16
CPU_BATCH_PIXELS = 512 * 512


class SliceAnswers:
    """``RoundAnswers`` of ``predictor`` on ``slices`` (S, h, w).

    Image (1, 1, H, W) and memory (1, M, H, W) lie on the predictor's device (on the CPU where its
    memory does not suffice), padded with 0. The
    probabilities of the slice that was answered last stay there as well; those of other slices
    wait on the host, so that a long session does not fill the device.
    """

    sees_rounds = True

    def __init__(self, predictor: SlicePredictor, slices: NDArray[Any]) -> None:
        self.model = predictor
        # None: the network's answers as they are.
        self.conditioning: SliceConditioning | None = None
        self._slices = slices
        height, width = slices.shape[1:]
        self._shape = (height, width)
        self._padded_shape = predictor.input_shape(height, width)
        channels = predictor.memory.channels

        def inputs(device: torch.device) -> tuple[Tensor, Tensor]:
            image = torch.zeros(1, 1, *self._padded_shape, device=device)
            return image, torch.zeros(1, channels, *self._padded_shape, device=device)

        self._image, self._memory = where_it_fits(predictor.device, inputs)
        self._loaded: int | None = None
        self._on_device: weakref.WeakSet[StoredProbabilities] = weakref.WeakSet()

    @property
    def depth(self) -> int:
        """How many rounds of a slice must keep their probabilities."""
        return max(1, self.model.memory.depth)

    @property
    def batch_size(self) -> int:
        """How many slices are answered at once."""
        if self.model.device.type != "cpu":
            return BATCH_SIZE
        height, width = self._padded_shape
        return min(BATCH_SIZE, max(1, CPU_BATCH_PIXELS // (height * width)))

    def answer(
        self, slice_index: int, rounds: Sequence[SliceRound], interactions: Sequence[Interaction]
    ) -> SliceState:
        """The slice after the network answered a round of ``interactions`` that follows rounds."""
        self._load(slice_index, rounds)
        present = SliceRound(DrawnInteractions(tuple(interactions), self._shape))
        self.model.memory.assemble((*rounds, present), self._memory)
        return self._answered(rounds, present, self._ask(slice_index, (*rounds, present))[0])

    def begin(
        self,
        slice_indices: Sequence[int],
        progress: Callable[[int, int], None],
        cancel: Callable[[], bool],
    ) -> dict[int, SliceState]:
        """The slices after the network answered a first and automatic round on each of them.

        As ``answer`` without rounds and interactions, but several of them in one batch, in which a
        convolution may round differently. ``cancel`` is asked before each batch.
        """
        done: dict[int, SliceState] = {}
        while len(done) < len(slice_indices) and not cancel():
            batch = slice_indices[len(done) : len(done) + self.batch_size]
            for index, state in zip(batch, self._begin_batch(batch), strict=True):
                done[index] = state
                progress(len(done), len(slice_indices))
        return done

    def release(self) -> None:
        """Move all probabilities to the host."""
        for probabilities in self._on_device:
            probabilities.move_to(CPU)
        self._on_device.clear()
        self._loaded = None

    def _begin_batch(self, slice_indices: Sequence[int]) -> list[SliceState]:
        """``begin`` in one batch."""
        self.release()
        pixels = torch.from_numpy(np.stack([self._slices[index] for index in slice_indices]))
        height, width = self._shape
        count, channels = len(slice_indices), self.model.memory.channels

        def inputs(device: torch.device) -> tuple[Tensor, Tensor]:
            images = torch.zeros(count, 1, *self._padded_shape, device=device)
            # Converted over there: half as much to carry.
            images[:, 0, :height, :width] = pixels.to(device)
            # Nothing has been said yet, so that one 0 stands for all of the memory.
            nothing = torch.zeros(1, 1, 1, 1, device=device)
            return images, nothing.expand(count, channels, *self._padded_shape)

        images, memory = where_it_fits(self.model.device, inputs)
        answers = self.model.probabilities(images, memory)
        present = SliceRound(DrawnInteractions((), self._shape))
        states = [self._answered((), present, answer) for answer in answers]
        self.release()
        return states

    def _ask(self, slice_index: int, rounds: Sequence[SliceRound]) -> Tensor:
        """Probabilities (1, N, H, W) for the image and memory that are loaded."""
        targets = None
        if self.conditioning is not None:
            pixels = np.asarray(self._slices[slice_index], dtype=np.float32)
            targets = self.conditioning.targets(pixels, rounds)
        if self.conditioning is None or targets is None:
            return self.model.probabilities(self._image, self._memory)
        return self.model.conditioned(
            self._image, self._memory, torch.from_numpy(targets), self.conditioning.options
        )

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

    def _answered(
        self, rounds: Sequence[SliceRound], present: SliceRound, answer: Tensor
    ) -> SliceState:
        """A slice whose ``present`` round, which follows ``rounds``, got ``answer`` (N, H, W)."""
        probabilities = answer[:, : self._shape[0], : self._shape[1]]
        stored = StoredProbabilities(probabilities)
        self._on_device.add(stored)
        return answered_slice(
            rounds, present, probabilities, stored, self.model.version, self.depth
        )
