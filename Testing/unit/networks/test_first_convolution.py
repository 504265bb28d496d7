"""The image is heard among the many channels of the memory."""

from __future__ import annotations

import pytest
import torch

from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.networks.first_convolution import first_convolution


@pytest.mark.parametrize("encoder", ["resnet18", "efficientnet-b0", "mobilenet_v2"])
def test_the_image_starts_with_the_weight_of_a_single_channel(encoder: str) -> None:
    torch.manual_seed(0)
    network = create_network(NetworkConfig(5, encoder=encoder))
    _, convolution = first_convolution(network.encoder)
    spread = convolution.weight.std(dim=(0, 2, 3))
    assert convolution.in_channels == 31
    assert (spread[0] / spread[1:].mean()).item() == pytest.approx(31**0.5, rel=0.2)


def test_weights_that_are_given_are_left_as_they_are() -> None:
    config = NetworkConfig(3, encoder="resnet18")
    weights = create_network(config).state_dict()
    copy = create_network(config, weights).state_dict()
    assert all(torch.equal(value, copy[name]) for name, value in weights.items())
