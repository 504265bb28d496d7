"""Parameters that a network has but does not use, as some encoders' last layers."""

from __future__ import annotations

import copy

import torch

from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.config import SIZE_MULTIPLE, NetworkConfig

__all__ = ["freeze_unused_parameters"]


def freeze_unused_parameters(network: SegmentationNetwork, config: NetworkConfig) -> list[str]:
    """Let the parameters that no gradient reaches ask for none; returns their names.

    ``network`` is on the CPU. Several processes that train it wait for the gradient of every
    parameter that asks for one (DistributedDataParallel; looking for those that are missing in
    every single step would cost time in every step). efficientnet-b0, for one, brings the layers
    of its classifier. Nothing else about the network changes, nor torch's random generator.
    """
    tried = copy.deepcopy(network).train()
    # Of two slices with more than one value per feature the normalization can take statistics.
    shape = (2 * SIZE_MULTIPLE, 2 * SIZE_MULTIPLE)
    with torch.random.fork_rng(devices=[]):
        logits = tried(torch.zeros(2, 1, *shape), torch.zeros(2, config.memory.channels, *shape))
    logits.sum().backward()
    silent = [name for name, parameter in tried.named_parameters() if parameter.grad is None]
    for name in silent:
        network.get_parameter(name).requires_grad_(False)
    return silent
