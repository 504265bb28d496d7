"""What is measured: a network like the papers', and phantoms to show to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.data.array_files import StoredArray, open_array, write_array
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES, PhantomStack, draw_phantom
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.interactions import Click
from SAIMCore.networks.config import SIZE_MULTIPLE, NetworkConfig
from SAIMCore.networks.factory import create_network

__all__ = [
    "clicks_on",
    "conditions",
    "model_config",
    "phantom_stack",
    "settled_network",
    "write_labeled",
]

SETTLING_PASSES = 30


def model_config(
    size: int,
    encoder: str,
    decoder: str,
    decoder_channels: tuple[int, ...] = NetworkConfig.decoder_channels,
) -> ModelConfig:
    """5 classes (those of the phantoms), sequential memory, D = 3: the papers' numbers."""
    network = NetworkConfig(
        len(PHANTOM_CLASSES), decoder=decoder, encoder=encoder, decoder_channels=decoder_channels
    )
    return ModelConfig(network, PHANTOM_CLASSES, PreprocessingOptions(), size, "benchmark")


def settled_network(config: NetworkConfig) -> nn.Module:
    """A network with random weights, on the CPU in training mode, whose statistics are settled.

    Without the statistics of its own features, as every trained network has them, their values
    grow from layer to layer until half precision cannot hold them.
    """
    network = create_network(config)
    side = 2 * SIZE_MULTIPLE
    channels = config.memory.channels
    with torch.no_grad():
        for _ in range(SETTLING_PASSES):
            network(torch.randn(2, 1, side, side), torch.rand(2, channels, side, side))
    return network


def conditions(config: ModelConfig, **more: object) -> dict[str, object]:
    """What every figure says about the network that it was measured with."""
    return {
        "size": config.size,
        "classes": len(config.classes),
        "depth": config.network.memory_depth,
        "encoder": config.network.encoder,
        "decoder": config.network.decoder,
        **more,
    }


def phantom_stack(slices: int, size: int, seed: int) -> PhantomStack:
    """One phantom series of ``slices`` slices of ``size`` x ``size`` pixels."""
    return draw_phantom((slices, size, size), np.random.default_rng(seed))


def clicks_on(labels: NDArray[np.uint8], slice_index: int, count: int) -> list[Click]:
    """Clicks of changing classes on the pixels (h, w) of these classes in ``labels``."""
    rng = np.random.default_rng(0)
    present = np.unique(labels)
    clicks = []
    for number in range(count):
        class_index = int(present[number % len(present)])
        row, column = rng.choice(np.argwhere(labels == class_index))
        clicks.append(Click(slice_index, int(row), int(column), class_index))
    return clicks


def write_labeled(folder: Path, name: str, stack: PhantomStack) -> LabeledSeries:
    """``stack`` as training reads it: preprocessed, in files, pixels as float16."""
    pixels = preprocess(stack.intensities.astype(np.float32), PreprocessingOptions())
    stored = []
    for part, array in (("slices", pixels.astype(np.float16)), ("labels", stack.labels)):
        path = folder / f"{name}-{part}.npy"
        write_array(path, array, {})
        found = open_array(path)
        assert found is not None
        stored.append(StoredArray(found[0], _leave_it))
    return LabeledSeries(name, *stored)


def _leave_it() -> None:
    """A phantom whose file is gone is not drawn again: the benchmark is over."""
