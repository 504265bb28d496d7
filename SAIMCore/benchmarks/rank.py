"""``rank``: scoring a pool, against the bare network on slices that are already in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.pool_memory import peak_memory_of_scoring
from SAIMCore.benchmarks.pools import make_pool
from SAIMCore.benchmarks.subjects import conditions, model_config, settled_network
from SAIMCore.benchmarks.timing import Comparison, Work, compare
from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.device import autocast, choose_device
from SAIMCore.predictor import Predictor
from SAIMCore.project.project import Project
from SAIMCore.scoring import BATCH_SIZE, score_pool

__all__ = ["measure"]

SIZE = 512
CPU_SIZE = 256
SERIES = 2
# No multiple of the batch size, like the series of a hospital.
SLICES_PER_SERIES = 24
DECODERS = ("unet",)
TARGET = 0.90

# Small and quick, because nothing but their number matters; held in memory, the cached slices of
# 500 such series (63 MiB, half of what they are as float32) would show.
POOL_SHAPE = (16, 64, 64)
POOL_ENCODER = "mobilenet_v2"
POOL_DECODER_CHANNELS = (32, 24, 16, 12, 8)
MEMORY_TARGET = 1.02
MEBIBYTE = 2**20


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """The throughput per decoder, and the memory of scoring a small and a large pool."""
    device = choose_device(options.device)
    size = options.size or (CPU_SIZE if device.type == "cpu" else SIZE)
    for decoder in options.decoders or DECODERS:
        config = model_config(size, options.encoder, decoder)
        with TemporaryDirectory(prefix="saim-bench-") as folder:
            comparison = _compare(config, device, options.repeats, Path(folder))
        slices = SERIES * SLICES_PER_SERIES
        yield Figure.of_ratios(
            "rank",
            f"throughput of scoring / bare forward, {decoder}",
            comparison,
            TARGET,
            conditions(config, batch=BATCH_SIZE, slices=slices),
            throughput=True,
        )
    yield _memory(options)


def _compare(config: ModelConfig, device: torch.device, repeats: int, folder: Path) -> Comparison:
    network = settled_network(config.network)
    shape = (SLICES_PER_SERIES, config.size, config.size)
    numbers = count()
    with Project.open(make_pool(folder, SERIES, shape, config.classes)) as project:

        def score() -> None:
            # Another model each time: what a model has scored it does not score again.
            version = f"{config.version} {next(numbers)}"
            predictor = Predictor(network, replace(config, version=version), device)
            score_pool(project, predictor, STRATEGIES["entropy"])

        bare = _bare(network, config, device, SERIES * SLICES_PER_SERIES)
        return compare(Work(score), bare, device, repeats)


def _bare(network: nn.Module, config: ModelConfig, device: torch.device, slices: int) -> Work:
    images = torch.randn(slices, 1, config.size, config.size, device=device)
    channels = config.network.memory.channels
    memory = torch.zeros(BATCH_SIZE, channels, config.size, config.size, device=device)

    def forward() -> None:
        with torch.inference_mode(), autocast(device):
            for batch in images.split(BATCH_SIZE):
                network(batch, memory[: len(batch)])

    return Work(forward)


def _memory(options: BenchmarkOptions) -> Figure:
    config = model_config(max(POOL_SHAPE), POOL_ENCODER, DECODERS[0], POOL_DECODER_CHANNELS)
    peaks: dict[str, float] = {}
    for series in options.pools:
        with TemporaryDirectory(prefix="saim-bench-") as name:
            folder = Path(name)
            save_checkpoint(folder / "model", settled_network(config.network), config)
            project = make_pool(folder, series, POOL_SHAPE, config.classes)
            peak = peak_memory_of_scoring(project, folder / "model", options.device)
            peaks[str(series)] = peak / MEBIBYTE
    small, large = options.pools
    pool = 2 * np.prod(POOL_SHAPE) / MEBIBYTE
    return Figure(
        "rank",
        f"peak memory of scoring {large} / {small} series",
        peaks[str(large)] / peaks[str(small)],
        "ratio",
        MEMORY_TARGET,
        details={
            "peak_mib": peaks,
            "cached_mib": {str(series): series * float(pool) for series in options.pools},
            "conditions": conditions(config, batch=BATCH_SIZE, slices_per_series=POOL_SHAPE[0]),
        },
    )
