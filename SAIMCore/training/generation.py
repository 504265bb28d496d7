"""Data generation: the interactions that the network meets in training.

Method: DDG-SIM (Mikhailov et al., 2023), section 4.2. Dynamic generation lets the network answer
with fixed weights and clicks where the answers are wrong, until the memory is filled; static
generation draws the clicks once from the reference and exists for the ablation (section 5.2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.interactions import Click, click_area
from SAIMCore.likeliest import likeliest_class
from SAIMCore.memory import InteractionMemory, TensorRound
from SAIMCore.training.configuration import GenerationOptions
from SAIMCore.training.dataset import TrainingBatch, Visit
from SAIMCore.virtual_user import VirtualUser, connected_components

__all__ = [
    "Answer",
    "DataGeneration",
    "DynamicDataGeneration",
    "NoInteractions",
    "StaticDataGeneration",
    "create_generation",
]

# (images (B, 1, H, W), memory (B, M, H, W)) -> probabilities (B, N, H, W), without gradient.
Answer = Callable[[Tensor, Tensor], Tensor]


class DataGeneration(Protocol):
    """Fills the memory with which a training batch goes through the network."""

    def generate(self, batch: TrainingBatch, answer: Answer) -> Tensor:
        """Memory channels (B, M, H, W) on the device of ``batch.images``."""


class _SimulatedSlice:
    """The clicks on one training slice, with the rules of section 4.2."""

    def __init__(
        self, visit: Visit, num_classes: int, rounds: int, options: GenerationOptions
    ) -> None:
        self._reference = visit.labels
        self._options = options
        self._rng = np.random.default_rng((*visit.key, 1))
        self._user = VirtualUser(self._rng)
        self._num_classes = num_classes
        self._probability = 1.0
        self._components: NDArray[np.unsignedinteger] | None = None
        self._clicks_per_component: dict[int, int] = {}
        # Rule 3: this class gets no clicks on this slice.
        held_out = int(self._rng.integers(num_classes)) if options.hold_out_class else -1
        self._classes = [index for index in range(num_classes) if index != held_out]
        self.first_round = (
            rounds - int(self._rng.integers(1, rounds + 1)) if options.random_fill else 0
        )

    def _kept(self) -> bool:
        # Rule 4. Deciding before the click is placed gives the same distribution as dropping it
        # afterwards, and saves four of five distance transforms.
        return self._rng.random() >= self._options.dropped

    def first_clicks(self) -> list[Click]:
        """Step 2 of the routine: one click for each component of each class (not for spots)."""
        # +1 so that the background's components are numbered as well.
        self._components = connected_components(self._reference + np.uint8(1))
        clicks = []
        for component, class_index in _component_classes(self._components, self._reference):
            if class_index in self._classes and self._kept():
                clicks.append(self._click_in(component, class_index))
        return clicks

    def _click_in(self, component: int, class_index: int) -> Click:
        assert self._components is not None
        mask = self._components == component
        rows = np.flatnonzero(mask.any(axis=1))
        columns = np.flatnonzero(mask.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        crop = mask[top : rows[-1] + 1, left : columns[-1] + 1]
        row, column = self._user.place(crop, top, left)
        self._count(row, column)
        return Click(0, row, column, class_index)

    def corrections(self, prediction: NDArray[np.uint8]) -> list[Click]:
        """Step 3: with probability p a click in the largest mislabeled region of each class.

        In none that is smaller than the mark of a click: see ``_component_classes``.
        """
        chosen = [
            index
            for index in self._classes
            if self._rng.random() < self._probability and self._kept()
        ]
        clicks = self._user.corrections(
            prediction, self._reference, chosen, smallest=click_area(*self._reference.shape)
        )
        return [click for click in clicks if self._count(click.row, click.column)]

    def _count(self, row: int, column: int) -> bool:
        # Rule 1: at most ``max_clicks`` on each component.
        assert self._components is not None
        component = int(self._components[row, column])
        count = self._clicks_per_component.get(component, 0) + 1
        self._clicks_per_component[component] = count
        return count <= self._options.max_clicks

    def clicks(self, round_number: int, prediction: NDArray[np.uint8] | None) -> list[Click]:
        """The clicks of this round; none before the slice's first round."""
        if round_number < self.first_round:
            return []
        if round_number == self.first_round:
            clicks = self.first_clicks()
        else:
            assert prediction is not None
            clicks = self.corrections(prediction)
        if self._options.decreasing:
            self._probability = max(0.0, self._probability - 1 / self._options.max_clicks)
        return clicks


class DynamicDataGeneration:
    """DDG: the rounds before the last are answered by the network itself (section 4.2)."""

    def __init__(self, memory: InteractionMemory, options: GenerationOptions) -> None:
        self._memory = memory
        self._options = options
        self._rounds = options.rounds_for(memory.depth)

    def generate(self, batch: TrainingBatch, answer: Answer) -> Tensor:
        count = self._memory.num_classes
        slices = [
            _SimulatedSlice(visit, count, self._rounds, self._options) for visit in batch.visits
        ]
        memory = _empty_memory(batch, self._memory)
        rounds: list[TensorRound] = []
        predictions: list[NDArray[np.uint8]] | None = None
        for number in range(self._rounds):
            clicks = [
                simulated.clicks(number, predictions[place] if predictions else None)
                for place, simulated in enumerate(slices)
            ]
            rounds.append(TensorRound(_masks(clicks, batch, count)))
            self._memory.assemble(rounds, memory)
            if number + 1 < self._rounds:
                active = [place for place, s in enumerate(slices) if s.first_round <= number]
                rounds[-1].probabilities, predictions = self._fill(batch, memory, active, answer)
        return memory

    def _fill(
        self, batch: TrainingBatch, memory: Tensor, active: Sequence[int], answer: Answer
    ) -> tuple[Tensor, list[NDArray[np.uint8]]]:
        """Answers of the slices that have begun; the others keep an empty round."""
        shape = (len(batch), self._memory.num_classes, *batch.images.shape[2:])
        probabilities = torch.zeros(shape, device=batch.images.device)
        if len(active) == len(batch):
            probabilities = answer(batch.images, memory).float()
        elif active:
            chosen = torch.as_tensor(active, device=batch.images.device)
            probabilities[chosen] = answer(batch.images[chosen], memory[chosen]).float()
        sizes = [visit.labels.shape for visit in batch.visits]
        for found, (height, width) in zip(probabilities, sizes, strict=True):
            # The padding is no part of the slice: an interactive session remembers nothing of it.
            found[:, height:] = 0
            found[:, :, width:] = 0
        labels = likeliest_class(probabilities).cpu().numpy()
        return probabilities, [
            found[:height, :width] for found, (height, width) in zip(labels, sizes, strict=True)
        ]


class StaticDataGeneration:
    """SDG: 1 to ``max_clicks`` clicks per component, drawn once per slice from the reference."""

    def __init__(self, memory: InteractionMemory, options: GenerationOptions) -> None:
        self._memory = memory
        self._options = options

    def generate(self, batch: TrainingBatch, answer: Answer) -> Tensor:
        clicks = [self._clicks(visit) for visit in batch.visits]
        memory = _empty_memory(batch, self._memory)
        masks = _masks(clicks, batch, self._memory.num_classes)
        self._memory.assemble([TensorRound(masks)], memory)
        return memory

    def _clicks(self, visit: Visit) -> list[Click]:
        # The flips are their own inverse: this is the slice as it lies in the file.
        original = np.ascontiguousarray(
            visit.augmentation.geometry(torch.from_numpy(visit.labels)).numpy()
        )
        rng = np.random.default_rng((*visit.slice_key, 2))
        user = VirtualUser(rng)
        components = connected_components(original + np.uint8(1))
        clicks = []
        for component, class_index in _component_classes(components, original):
            for _ in range(int(rng.integers(1, self._options.max_clicks + 1))):
                place = user.place(components == component)
                row, column = visit.augmentation.place(*place, original.shape)
                clicks.append(Click(0, row, column, class_index))
        return clicks


class NoInteractions:
    """For networks that see the image only: there is no memory to fill."""

    def generate(self, batch: TrainingBatch, answer: Answer) -> Tensor:
        return batch.images.new_zeros(len(batch), 0, *batch.images.shape[2:])


def create_generation(memory: InteractionMemory, options: GenerationOptions) -> DataGeneration:
    """The data generation that ``options`` names, for the channels that ``memory`` has."""
    if memory.channels == 0:
        return NoInteractions()
    if options.kind == "static":
        return StaticDataGeneration(memory, options)
    return DynamicDataGeneration(memory, options)


def _component_classes(
    components: NDArray[np.unsignedinteger], labels: NDArray[np.uint8]
) -> list[tuple[int, int]]:
    """Number and class of each component that is at least as large as the mark of a click.

    A clicked pixel obeys even where the network did not follow, so annotations made with clicks are
    full of single pixels (in loops of ``saim emulate`` a third of all components, RESULTS.md).
    Clicks on these would teach that a click means a spot.
    """
    sizes = np.bincount(components.ravel())
    classes = np.zeros(sizes.size, dtype=np.uint8)
    # All pixels of a component are of one class, so it does not matter which is written last.
    classes[components.ravel()] = labels.ravel()
    smallest = click_area(*labels.shape)
    return [
        (number, int(classes[number]))
        for number in range(1, classes.size)
        if sizes[number] >= smallest
    ]


def _empty_memory(batch: TrainingBatch, memory: InteractionMemory) -> Tensor:
    count, _, height, width = batch.images.shape
    return torch.zeros(count, memory.channels, height, width, device=batch.images.device)


def _masks(clicks: Sequence[Sequence[Click]], batch: TrainingBatch, num_classes: int) -> Tensor:
    """Interaction masks (B, N, H, W) uint8 on the device of the batch."""
    count, _, height, width = batch.images.shape
    device = batch.images.device
    masks = torch.zeros(count, num_classes, height, width, dtype=torch.uint8, device=device)
    drawn = []
    for number, visit in enumerate(batch.visits):
        for click in clicks[number]:
            rows, columns = click.mask_pixels(visit.labels.shape)
            drawn.append(np.stack(np.broadcast_arrays(number, click.class_index, rows, columns)))
    if drawn:
        # Only the pixels of the disks go to the device, not masks full of zeros.
        masks[tuple(torch.from_numpy(np.concatenate(drawn, axis=1)).to(device))] = 1
    return masks
