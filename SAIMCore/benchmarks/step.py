"""``step``: a training step with all that belongs to it, against the passes of its network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import (
    conditions,
    model_config,
    phantom_stack,
    settled_network,
    write_labeled,
)
from SAIMCore.benchmarks.timing import WARM_UP, Comparison, Work, compare
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.device import autocast, choose_device
from SAIMCore.training.configuration import GenerationOptions
from SAIMCore.training.dataset import (
    BATCHES_AHEAD,
    EpochSampler,
    SliceDataset,
    TrainingBatch,
    create_loader,
    default_workers,
)
from SAIMCore.training.generation import create_generation
from SAIMCore.training.losses import FocalLoss
from SAIMCore.training.step import TrainingStep, create_optimizer

__all__ = ["measure"]

SIZE = 512
CPU_SIZE = 256
BATCH_SIZE = 4
SERIES = 2
SLICES_PER_SERIES = 8
DECODERS = ("unet",)
TARGET = 1.20
LEARNING_RATE = 5e-5
# A loader that is too slow shows when the network has used up what was prepared ahead of it: most
# of the repeats must come after that.
REPEATS_PER_BATCH_AHEAD = 4
# All rounds for every slice, so that both sides let the network do the same work.
GENERATION = GenerationOptions(random_fill=False)


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """One ratio per decoder."""
    device = choose_device(options.device)
    size = options.size or (CPU_SIZE if device.type == "cpu" else SIZE)
    for decoder in options.decoders or DECODERS:
        config = model_config(size, options.encoder, decoder)
        with TemporaryDirectory(prefix="saim-bench-") as folder:
            comparison = _compare(config, device, options.repeats, Path(folder))
        workers = default_workers(device)
        yield Figure.of_ratios(
            "step",
            f"training step / its passes, {decoder}",
            comparison,
            TARGET,
            conditions(config, batch=BATCH_SIZE, loader_workers=workers),
        )


def _turns(device: torch.device, repeats: int) -> tuple[int, int]:
    """Batches that the loader may have ready at once, and how many repeats that asks for."""
    ahead = default_workers(device) * BATCHES_AHEAD
    return ahead, max(repeats, REPEATS_PER_BATCH_AHEAD * ahead)


def _compare(config: ModelConfig, device: torch.device, repeats: int, folder: Path) -> Comparison:
    ahead, repeats = _turns(device, repeats)
    stacks = [phantom_stack(SLICES_PER_SERIES, config.size, seed) for seed in range(SERIES)]
    series = [write_labeled(folder, f"phantom-{seed}", stack) for seed, stack in enumerate(stacks)]
    network = settled_network(config.network).to(device)
    step = TrainingStep(
        network,
        FocalLoss(np.ones(len(config.classes))).to(device),
        create_optimizer(network, LEARNING_RATE),
        create_generation(config.network.memory, GENERATION),
        device,
    )
    dataset = SliceDataset(series, config.size, seed=0, augment=True)
    steps = ahead + 2 * (WARM_UP + repeats)
    sampler = EpochSampler(len(dataset), BATCH_SIZE, seed=0, steps=steps)
    loader = create_loader(
        dataset, sampler, config.size, default_workers(device), pinned=device.type == "cuda"
    )
    batches = iter(loader)
    passes = _Passes(network, config, device)

    # Each side takes a batch from the loader, so that its processes have as long to prepare one as
    # in a training; waiting for it counts for the step alone. What they prepared while they had
    # the time to themselves is thrown away first, and the little that they get ahead in the
    # warm-up is used up early in the repeats.
    for _ in islice(batches, ahead):
        pass
    return compare(
        Work(lambda: step.run(next(batches))),
        Work(passes.run, before=lambda: passes.take(next(batches))),
        device,
        repeats,
    )


class _Passes:
    """D - 1 forwards without gradient, one forward and backward: nothing but the network."""

    def __init__(self, network: nn.Module, config: ModelConfig, device: torch.device) -> None:
        self._network = network
        self._device = device
        self._fillings = GENERATION.rounds_for(config.network.memory_depth) - 1
        shape = (config.size, config.size)
        self._memory = torch.rand(BATCH_SIZE, config.network.memory.channels, *shape, device=device)
        self._gradient = torch.rand(BATCH_SIZE, len(config.classes), *shape, device=device)

    def take(self, batch: TrainingBatch) -> None:
        self._images = batch.images.to(self._device)
        self._network.zero_grad(set_to_none=True)

    def run(self) -> None:
        self._network.eval()
        for _ in range(self._fillings):
            with torch.no_grad(), autocast(self._device):
                self._network(self._images, self._memory)
        self._network.train()
        with autocast(self._device):
            logits = self._network(self._images, self._memory)
        logits.backward(self._gradient.to(logits.dtype))
