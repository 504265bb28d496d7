"""One run of a network on noise, so that a wrong description shows when it is opened."""

from __future__ import annotations

import torch

from SAIMCore.errors import CheckpointError
from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.network_answers import LoadedNetwork, NetworkAnswers
from SAIMCore.igniter.windows import Windows

__all__ = ["batch_after_dry_run"]

# Slices at once: what a CPU works on well, and half a gigabyte of 512 x 512 and 64 channels.
_BATCH = 8
# A side where any is right.
_SIDES = {"2d": 64, "3d": 32}


def batch_after_dry_run(
    answers: NetworkAnswers, description: IgniterDescription, network: LoadedNetwork
) -> int:
    """How many images the network takes at once, after it has answered in the right shape.

    Raises CheckpointError naming what differs from the description.
    """
    sides = (_SIDES[description.kind],) * len(description.axes)
    window = Windows.covering(sides, description.input_size, description.multiple).window
    noise = torch.randn(2, *window, generator=torch.Generator().manual_seed(0))
    answers.probabilities(noise[:1])
    if description.kind == "3d" or network.largest_batch == 1:
        return 1
    if network.largest_batch is None:
        try:
            # A network that was traced on one image may be bound to one.
            answers.probabilities(noise)
        except CheckpointError:
            return 1
    return network.largest_batch or _BATCH
