"""One run of a network on noise, so that a wrong description shows when it is opened."""

from __future__ import annotations

import torch
from torch import Tensor

from SAIMCore.errors import CheckpointError, ConfigurationError, reason_of
from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.network_answers import LoadedNetwork, NetworkAnswers
from SAIMCore.igniter.windows import Windows

__all__ = ["batch_after_dry_run"]

# Slices at once: what a CPU works on well, and half a gigabyte of 512 x 512 and 64 channels.
_BATCH = 8
# A side where any is right.
_SIDES = {"2d": 64, "3d": 32}
# Voxels per side, at least, of what a network makes smaller by ``multiple``: one alone has no
# variance, which instance normalization asks for.
_SMALLEST = 2


def batch_after_dry_run(
    answers: NetworkAnswers, description: IgniterDescription, network: LoadedNetwork
) -> int:
    """How many images the network takes at once, after it has answered in the right shape.

    Raises CheckpointError naming what differs from the description, ConfigurationError when it
    asks for an input that is too large.
    """
    answers.probabilities(_noise(description, 1))
    if description.kind == "3d" or network.largest_batch == 1:
        return 1
    if network.largest_batch is None:
        try:
            # A network that was traced on one image may be bound to one.
            answers.probabilities(_noise(description, 2))
        except CheckpointError:
            return 1
    return network.largest_batch or _BATCH


def _noise(description: IgniterDescription, count: int) -> Tensor:
    """``count`` images of the size that the network takes, or of a small one where any is right."""
    side = max(_SIDES[description.kind], _SMALLEST * (description.multiple or 1))
    sides = (side,) * len(description.axes)
    window = Windows.covering(sides, description.input_size, description.multiple).window
    try:
        return torch.randn(count, *window, generator=torch.Generator().manual_seed(0))
    except (RuntimeError, TypeError) as error:
        size = " x ".join(map(str, window))
        raise ConfigurationError(
            f"the description asks for an input of {size}, which this computer cannot hold "
            f"({reason_of(error)}); correct input_size or multiple"
        ) from error
