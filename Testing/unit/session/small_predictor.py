"""A real predictor, small, whose answers are arbitrary and always the same."""

from __future__ import annotations

import torch

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.predictor import Predictor

__all__ = ["small_predictor"]


def small_predictor(variant: str, decoder: str) -> Predictor:
    network = NetworkConfig(
        3, variant, decoder=decoder, encoder="resnet18", decoder_channels=(16, 16, 8, 8, 8)
    )
    classes = ClassTable.from_names(["background", "liver", "tumor<liver"])
    torch.manual_seed(0)
    config = ModelConfig(network, classes, PreprocessingOptions(), 64, "round-001")
    return Predictor(create_network(network), config, "cpu")
