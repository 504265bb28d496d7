"""A network of somebody else's, in one class and one registry line, goes all the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from SAIMCore.checkpoint import ModelConfig, load_checkpoint
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.encoder_weights import load_encoder_weights
from SAIMCore.networks.factory import NETWORKS, create_network
from SAIMCore.predictor import Predictor
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.trainer import Trainer


class TwoConvolutions(SegmentationNetwork):
    """Nothing of segmentation-models-pytorch in it."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.layers = nn.Sequential(
            nn.Conv2d(config.in_channels, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, config.num_classes, 3, padding=1),
        )

    def forward(self, image: Tensor, memory: Tensor) -> Tensor:
        logits: Tensor = self.layers(torch.cat((image, memory), dim=1))
        return logits


@pytest.fixture
def config(
    monkeypatch: pytest.MonkeyPatch, model_config: Callable[..., ModelConfig]
) -> ModelConfig:
    monkeypatch.setitem(NETWORKS, "two-convolutions", TwoConvolutions)
    return model_config(decoder="two-convolutions")


def test_it_is_trained_saved_loaded_and_asked(
    config: ModelConfig, labeled_series: Callable[..., LabeledSeries], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    result = Trainer(
        tmp_path,
        create_network(config.network),
        config,
        TrainingConfig(epochs=1, steps_per_epoch=20, validation_clicks=1),
        [labeled_series("a", 0)],
        [labeled_series("b", 1, slices=2)],
        device="cpu",
        learning_rate=1e-2,
    ).run()
    assert result.checkpoint is not None
    assert result.best_score is not None
    assert result.best_score > 0.2

    network, found = load_checkpoint(result.checkpoint)
    assert isinstance(network, TwoConvolutions)
    assert found.network == config.network
    image, memory = torch.randn(2, 1, 32, 32), torch.rand(2, config.network.memory.channels, 32, 32)
    with torch.inference_mode():
        expected = network(image, memory).softmax(dim=1)
    answer = Predictor.load(result.checkpoint, "cpu").probabilities(image, memory)
    torch.testing.assert_close(answer, expected)


def test_it_says_that_it_takes_no_pretrained_weights(config: ModelConfig) -> None:
    network = create_network(config.network)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    report = load_encoder_weights(network, config.network)
    assert not report.found
    assert "two-convolutions network has no encoder" in report.sentence
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
