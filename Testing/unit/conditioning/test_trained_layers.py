"""Which layers of a network are trained."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from SAIMCore.conditioning.trained_layers import trained_modules
from SAIMCore.errors import ConfigurationError
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network

# TorchScript is on its way out of PyTorch; until then people have files of it.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")


def names_of(network: nn.Module, modules: list[nn.Module]) -> list[str]:
    known = {id(module): name for name, module in network.named_modules()}
    return [known[id(module)] for module in modules]


def test_the_last_six_layers_of_the_unet_are_trained(unet: nn.Module) -> None:
    found = names_of(unet, trained_modules(unet))
    blocks = [name.removeprefix("unet.decoder.blocks.")[0] for name in found[:-1]]
    # Each convolution with its normalization: one of the third last block, two of the others.
    assert blocks == ["2"] * 2 + ["3"] * 4 + ["4"] * 4
    assert found[-1].startswith("unet.segmentation_head")


def test_fewer_layers_are_the_last_ones(unet: nn.Module) -> None:
    (head,) = trained_modules(unet, count=1)
    assert names_of(unet, [head])[0].startswith("unet.segmentation_head")
    # With the normalization that goes with the convolution before it.
    assert len(trained_modules(unet, count=2)) == 3


def test_more_layers_than_there_are_is_all_of_them() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(), nn.Conv2d(2, 2, 1))
    assert trained_modules(network, count=9) == [network[0], network[2]]


def test_the_other_decoder_has_a_last_block_too() -> None:
    config = NetworkConfig(3, "sequential", 2, "convlstm", "resnet18", (32, 16, 16, 8, 8))
    network = create_network(config)
    found = names_of(network, trained_modules(network))
    assert found[-1] == "head"
    assert {name.split(".")[0] for name in found} <= {"steps", "head"}


def test_layers_can_be_named(unet: nn.Module) -> None:
    found = trained_modules(unet, ("unet.decoder.blocks.3", "unet.segmentation_head"))
    assert names_of(unet, found) == ["unet.decoder.blocks.3", "unet.segmentation_head"]


def test_what_is_named_twice_or_with_a_part_of_it_is_trained_once() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU()))
    assert trained_modules(network, ("1.0", "1.0")) == [network[1][0]]
    assert trained_modules(network, ("1.0", "1", "0")) == [network[0], network[1]]
    scripted = torch.jit.script(network)
    assert len(trained_modules(scripted, ("1", "1.0", "1"))) == 1


def test_a_last_layer_that_is_part_of_another_one_is_trained_once() -> None:
    attention = nn.MultiheadAttention(4, 2)
    assert trained_modules(nn.Sequential(attention)) == [attention]


@pytest.mark.parametrize("name", ["unet.tail", ""])
def test_a_name_that_there_is_not_is_refused_with_those_that_there_are(
    unet: nn.Module, name: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"has no layer .*; it has unet"):
        trained_modules(unet, (name,))


def test_layers_without_weights_are_refused(unet: nn.Module) -> None:
    with pytest.raises(ConfigurationError, match="no weights that can be changed"):
        trained_modules(nn.Sequential(nn.ReLU()))
    traced = torch.jit.trace(unet, (torch.zeros(1, 1, 64, 64), torch.zeros(1, 0, 64, 64)))
    with pytest.raises(ConfigurationError, match="was not frozen"):
        trained_modules(torch.jit.freeze(traced))


def test_no_layers_are_refused(unet: nn.Module) -> None:
    with pytest.raises(ConfigurationError, match="at least 1 layer"):
        trained_modules(unet, count=0)
