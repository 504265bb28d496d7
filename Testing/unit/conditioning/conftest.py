"""Networks whose answers are arbitrary, and always the same."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network

CLASSES, SIDE = 3, 64


@pytest.fixture
def unet() -> nn.Module:
    """The U-Net of a project without a memory."""
    torch.manual_seed(0)
    config = NetworkConfig(CLASSES, "none", 1, "unet", "resnet18", (64, 32, 16, 16, 8))
    return create_network(config).eval()


@pytest.fixture
def image() -> Tensor:
    """Of noise, (1, 1, H, W)."""
    return torch.randn(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
