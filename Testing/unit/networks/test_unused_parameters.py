"""Parameters that no gradient reaches do not ask for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import distributed, nn

from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.networks.unused_parameters import freeze_unused_parameters

CHANNELS = (16, 12, 8, 8, 4)


def make(encoder: str) -> tuple[SegmentationNetwork, NetworkConfig]:
    torch.manual_seed(0)
    config = NetworkConfig(2, "cumulative", encoder=encoder, decoder_channels=CHANNELS)
    return create_network(config), config


@pytest.fixture
def lonely_group() -> Iterator[None]:
    """A process group of one process."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@pytest.mark.usefixtures("lonely_group")
def test_a_network_with_unused_parameters_is_trained_by_several_processes() -> None:
    network, config = make("efficientnet-b0")
    assert freeze_unused_parameters(network, config)
    shared = nn.parallel.DistributedDataParallel(network)
    for _ in range(2):
        # Without the freezing the second forward pass is refused.
        shared(torch.zeros(2, 1, 64, 64), torch.zeros(2, 2, 64, 64)).sum().backward()
    asking = [parameter for parameter in network.parameters() if parameter.requires_grad]
    assert all(parameter.grad is not None for parameter in asking)


def test_nothing_else_changes() -> None:
    network, config = make("efficientnet-b0")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    generator = torch.get_rng_state()
    freeze_unused_parameters(network, config)
    assert torch.equal(generator, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_network_that_uses_all_of_itself_stays_as_it_is() -> None:
    network, config = make("resnet18")
    assert freeze_unused_parameters(network, config) == []
    assert all(parameter.requires_grad for parameter in network.parameters())
