"""The plain U-Net: image and memory are channels of one input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn

from SAIMCore.networks.base import SegmentationNetwork

if TYPE_CHECKING:
    from SAIMCore.networks.config import NetworkConfig

__all__ = ["Unet"]


class Unet(SegmentationNetwork):
    """U-Net decoder on the configured encoder, for every interaction memory."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.unet = smp.Unet(
            config.encoder,
            encoder_weights=None,
            decoder_channels=config.decoder_channels,
            in_channels=config.in_channels,
            classes=config.num_classes,
        )

    @property
    def encoder(self) -> nn.Module:
        encoder: nn.Module = self.unet.encoder
        return encoder

    def forward(self, image: Tensor, memory: Tensor) -> Tensor:
        logits: Tensor = self.unet(torch.cat((image, memory), dim=1))
        return logits
