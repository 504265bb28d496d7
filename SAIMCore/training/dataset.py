"""Slices of the training set, in an order and with changes that depend on the seed alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.errors import TrainingError
from SAIMCore.training.augmentation import Augmentation
from SAIMCore.training.losses import IGNORED

__all__ = [
    "BATCHES_AHEAD",
    "EpochSampler",
    "Sample",
    "SliceDataset",
    "TrainingBatch",
    "Visit",
    "collate",
    "create_loader",
    "default_workers",
]


# Batches that each loader process prepares ahead of the network.
BATCHES_AHEAD = 4


@dataclass
class Visit:
    """What the simulation of interactions must know of one slice: ``labels`` (h, w) uint8.

    They are augmented as the image is. ``key`` seeds everything that is random about this visit,
    ``slice_key`` what stays the same at every visit of this slice.
    """

    labels: NDArray[np.uint8]
    augmentation: Augmentation
    key: tuple[int, ...]
    slice_key: tuple[int, ...]


@dataclass
class Sample:
    """One augmented slice: ``image`` (h, w) float32 and all the rest."""

    image: Tensor
    visit: Visit


@dataclass
class TrainingBatch:
    """B samples padded to one size.

    images (B, 1, H, W) float32; labels (B, H, W) uint8, ``IGNORED`` in the padding.
    """

    images: Tensor
    labels: Tensor
    visits: list[Visit]

    def __len__(self) -> int:
        return len(self.visits)

    def pin_memory(self) -> TrainingBatch:
        """The batch where a GPU can fetch it by itself; the loader calls this if it is to."""
        return TrainingBatch(self.images.pin_memory(), self.labels.pin_memory(), self.visits)

    def part(self, start: int, stop: int) -> TrainingBatch:
        """The slices from ``start`` to before ``stop``."""
        return TrainingBatch(
            self.images[start:stop], self.labels[start:stop], self.visits[start:stop]
        )


class SliceDataset(Dataset[Sample]):
    """All slices of some labeled series, each read from the cache when it is asked for.

    Items are asked for by (epoch, position in the epoch, slice number), so that the changes made
    to a slice can be repeated exactly after a resume and on any number of processes.
    Raises TrainingError when there is no slice or one is larger than ``size``.
    """

    def __init__(
        self, series: Sequence[LabeledSeries], size: int, seed: int, augment: bool
    ) -> None:
        for entry in series:
            if max(entry.slices.shape[1:]) > size:
                height, width = entry.slices.shape[1:]
                raise TrainingError(
                    f"series {entry.name!r} has slices of {height} x {width} pixels, larger than "
                    f"the network's size {size}; train with a size of at least "
                    f"{-(-max(height, width) // 32) * 32}"
                )
        self._series = list(series)
        self._seed = seed
        self._augment = augment
        # Number of the slice behind the last one of each series.
        self._ends = np.cumsum([len(entry.slices) for entry in series], dtype=np.intp)
        if not len(self):
            raise TrainingError("the training set is empty; annotate at least one series first")

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._ends.size else 0

    def __getitem__(self, item: tuple[int, int, int]) -> Sample:
        epoch, position, number = item
        series_number = int(np.searchsorted(self._ends, number, side="right"))
        entry = self._series[series_number]
        index = number - int(self._ends[series_number]) + len(entry.slices)
        key = (self._seed, epoch, position)
        augmentation = (
            Augmentation.draw(np.random.default_rng((*key, 0))) if self._augment else Augmentation()
        )
        image = torch.from_numpy(np.array(entry.slices[index], dtype=np.float32))
        labels = augmentation.geometry(torch.from_numpy(np.array(entry.labels[index])))
        visit = Visit(labels.contiguous().numpy(), augmentation, key, (self._seed, number))
        return Sample(augmentation.image(image), visit)


class EpochSampler(Sampler[list[tuple[int, int, int]]]):
    """Batches of one epoch for one of ``processes`` processes.

    Every process draws the same permutation and takes its share of every batch, so the slices of
    a step do not depend on the number of processes. The last batch is filled up from the start.
    """

    def __init__(
        self,
        slices: int,
        batch_size: int,
        seed: int,
        steps: int | None = None,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        self._slices = slices
        self._batch_size = batch_size
        self._seed = seed
        self.steps = steps or -(-slices // batch_size)
        self._process = process
        self._processes = processes
        self._epoch = 0
        self._first_step = 0

    def start(self, epoch: int, first_step: int = 0) -> None:
        """Choose the epoch, and the step to begin with after a resume."""
        self._epoch = epoch
        self._first_step = first_step

    def __len__(self) -> int:
        return self.steps - self._first_step

    def __iter__(self) -> Iterator[list[tuple[int, int, int]]]:
        order = self._order(self.steps * self._batch_size)
        for step in range(self._first_step, self.steps):
            first = step * self._batch_size
            positions = range(first + self._process, first + self._batch_size, self._processes)
            yield [(self._epoch, position, int(order[position])) for position in positions]

    def _order(self, length: int) -> NDArray[np.intp]:
        rng = np.random.default_rng((self._seed, self._epoch))
        turns = [rng.permutation(self._slices) for _ in range(-(-length // self._slices))]
        return np.concatenate(turns)


def collate(samples: Sequence[Sample], size: int) -> TrainingBatch:
    """Pad samples at the bottom and right to (size, size): 0 in images, IGNORED in labels.

    Labels stay uint8 and images are in the batch only once: what goes from the loader's processes
    to the network, and to a GPU, is as small as it can be.
    """
    images = torch.zeros(len(samples), 1, size, size)
    labels = torch.full((len(samples), size, size), IGNORED, dtype=torch.uint8)
    for number, sample in enumerate(samples):
        height, width = sample.visit.labels.shape
        images[number, 0, :height, :width] = sample.image
        labels[number, :height, :width] = torch.from_numpy(sample.visit.labels)
    return TrainingBatch(images, labels, [sample.visit for sample in samples])


class _Collate:
    """A picklable ``collate`` for loader processes."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __call__(self, samples: Sequence[Sample]) -> TrainingBatch:
        return collate(samples, self._size)


def default_workers(device: torch.device) -> int:
    """How many processes prepare batches for a network on ``device``."""
    # On the CPU the network itself keeps all cores busy; extra processes only cost.
    return 4 if device.type == "cuda" else 0


def create_loader(
    dataset: SliceDataset, sampler: EpochSampler, size: int, workers: int, pinned: bool = False
) -> DataLoader[TrainingBatch]:
    """A loader of ``TrainingBatch``; ``workers`` processes prepare batches ahead of the network.

    One loader serves all epochs of a training: it goes through those that ``sampler`` was told to
    start, and its processes, whose start takes seconds where they are spawned, live as long as it
    does. ``pinned`` batches can be copied to a GPU while it computes.
    """
    return DataLoader(
        dataset,  # type: ignore[arg-type]
        batch_sampler=sampler,
        collate_fn=_Collate(size),
        num_workers=workers,
        pin_memory=pinned,
        persistent_workers=workers > 0,
        prefetch_factor=BATCHES_AHEAD if workers else None,
    )
