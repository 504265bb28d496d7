"""A network of which only the last layers change from call to call."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from SAIMCore.conditioning.frozen_part import frozen_part_kept
from SAIMCore.conditioning.trained_layers import trained_modules

# TorchScript is on its way out of PyTorch; until then people have files of it.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")


class Counted(nn.Module):
    """A convolution that counts how often it is computed."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 1, 3, padding=1)
        self.calls = 0

    def forward(self, values: Tensor) -> Tensor:
        self.calls += 1
        found: Tensor = self.convolution(values)
        return found


class Twice(nn.Module):
    """Uses one frozen module twice before its trained layer, and once after it."""

    def __init__(self, last: nn.Module) -> None:
        super().__init__()
        self.first = Counted()
        self.last = last

    def forward(self, values: Tensor) -> Tensor:
        once = self.first(values)
        found: Tensor = self.first(self.last(self.first(once)))
        return found


def test_the_answers_are_exactly_those_of_the_network(unet: nn.Module, image: Tensor) -> None:
    memory = torch.zeros(1, 0, *image.shape[2:])
    with torch.no_grad():
        before = unet(image, memory)
        with frozen_part_kept(unet, trained_modules(unet)):
            answers = [unet(image, memory) for _ in range(3)]
        after = unet(image, memory)
    for answer in (*answers, after):
        assert torch.equal(answer, before)


def test_what_comes_before_the_trained_layers_is_computed_once(image: Tensor) -> None:
    network = Twice(nn.Conv2d(1, 1, 1))
    with torch.no_grad():
        plain = network(image)
        network.first.calls = 0
        with frozen_part_kept(network, [network.last]):
            for run in range(3):
                assert torch.equal(network(image), plain)
                # Twice before it in the first run, once after it in each.
                assert network.first.calls == 2 + run + 1
        network(image)
    assert network.first.calls == 5 + 3


def test_gradients_pass_through_what_comes_after_the_trained_layers(image: Tensor) -> None:
    network = Twice(nn.Conv2d(1, 1, 1))
    plain = torch.autograd.grad(network(image).sum(), network.last.weight)
    with frozen_part_kept(network, [network.last]):
        for _ in range(2):
            kept = torch.autograd.grad(network(image).sum(), network.last.weight)
            assert torch.equal(kept[0], plain[0])


def test_a_layer_that_writes_into_what_it_gets_does_no_harm(image: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Conv2d(2, 2, 1))
    with torch.no_grad():
        plain = network(image)
        with frozen_part_kept(network, [network[2]]):
            for _ in range(3):
                assert torch.equal(network(image), plain)


def test_the_network_is_as_it_was_also_after_an_error(unet: nn.Module) -> None:
    before = {name: dict(module.__dict__) for name, module in unet.named_modules()}
    with (
        pytest.raises(RuntimeError),
        torch.no_grad(),
        frozen_part_kept(unet, trained_modules(unet)),
    ):
        unet(torch.zeros(1, 2, 64, 64), torch.zeros(1, 0, 64, 64))
    for name, module in unet.named_modules():
        assert module.__dict__.keys() == before[name].keys()
        assert not module._forward_pre_hooks


def test_a_torchscript_network_answers_the_same(image: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 1))
    script = torch.jit.script(network)
    with torch.no_grad(), frozen_part_kept(script, [script[2]]):
        assert torch.equal(script(image), network(image))
