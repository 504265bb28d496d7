"""What every network promises, for every architecture and interaction memory."""

from __future__ import annotations

import pytest
import torch

from SAIMCore.memory import MEMORY_VARIANTS
from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import NETWORKS, create_network

CHANNELS = (16, 12, 8, 8, 4)
CONFIGS = [
    NetworkConfig(3, variant, depth, decoder, "resnet18", CHANNELS)
    for decoder, network in NETWORKS.items()
    for variant in MEMORY_VARIANTS
    for depth in ((1, 2, 3) if variant == "sequential" else (3,))
    if variant == "sequential" or not network.needs_rounds
]


@pytest.fixture(params=CONFIGS, ids=lambda c: f"{c.decoder}-{c.memory_variant}-{c.memory_depth}")
def config(request: pytest.FixtureRequest) -> NetworkConfig:
    found: NetworkConfig = request.param
    return found


@pytest.fixture
def network(config: NetworkConfig) -> SegmentationNetwork:
    torch.manual_seed(0)
    return create_network(config).eval()


def make_input(
    config: NetworkConfig, batch: int = 2, height: int = 32, width: int = 32
) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    channels = config.memory.channels
    return (
        torch.randn(batch, 1, height, width, generator=generator),
        torch.rand(batch, channels, height, width, generator=generator),
    )


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 96)])
def test_logits_have_one_map_per_class_at_the_size_of_the_input(
    network: SegmentationNetwork, config: NetworkConfig, height: int, width: int
) -> None:
    with torch.inference_mode():
        logits = network(*make_input(config, 2, height, width))

    assert logits.shape == (2, config.num_classes, height, width)
    assert logits.isfinite().all()


def test_gradients_reach_every_parameter(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    network.train()
    image, memory = make_input(config, 2, 64, 64)

    network(image, memory).square().mean().backward()

    silent = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    assert silent == []


def test_slices_of_a_batch_do_not_see_each_other(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    image, memory = make_input(config, 3)
    with torch.inference_mode():
        together = network(image, memory)
        alone = torch.cat([network(image[i : i + 1], memory[i : i + 1]) for i in range(3)])

    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_the_same_input_gives_the_same_logits(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    with torch.inference_mode():
        torch.testing.assert_close(
            network(*make_input(config)), network(*make_input(config)), rtol=0, atol=0
        )


def test_an_empty_memory_gives_finite_logits(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    image, memory = make_input(config)
    with torch.inference_mode():
        assert network(image, torch.zeros_like(memory)).isfinite().all()


def test_every_channel_of_the_memory_counts(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    image, memory = make_input(config, 1)
    memory = torch.zeros_like(memory).requires_grad_()

    network(image, memory).square().sum().backward()

    if memory.numel():
        assert memory.grad is not None
        assert memory.grad.abs().amax(dim=(0, 2, 3)).all()


@pytest.mark.parametrize(
    "config",
    [c for c in CONFIGS if c.memory_variant == "sequential" and c.memory_depth > 1],
    ids=lambda c: f"{c.decoder}-{c.memory_depth}",
)
def test_the_order_of_the_rounds_matters(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    image, memory = make_input(config)
    turned = torch.cat(memory.chunk(config.memory_depth, dim=1)[::-1], dim=1)

    with torch.inference_mode():
        assert not torch.allclose(network(image, memory), network(image, turned), atol=1e-5)


def test_the_encoder_takes_the_image_and_the_memory(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    if network.encoder is None:
        pytest.skip("this network has no encoder of segmentation-models-pytorch")
    first = next(m for m in network.encoder.modules() if isinstance(m, torch.nn.Conv2d))

    assert first.in_channels == config.in_channels


def test_the_weights_of_an_equal_network_can_be_taken_over(
    network: SegmentationNetwork, config: NetworkConfig
) -> None:
    other = create_network(config, network.state_dict()).eval()

    with torch.inference_mode():
        torch.testing.assert_close(
            network(*make_input(config)), other(*make_input(config)), rtol=0, atol=0
        )
