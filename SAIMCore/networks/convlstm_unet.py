"""The U-Net whose decoder reads the interaction rounds one after the other.

Method: DDG-SIM (Mikhailov et al., 2023), section 5.1.1 and Figure 5: a ResNet encoder over all
channels, so that pretrained weights can be used, and a convolutional LSTM after the convolution
of every upsampling step. The paper leaves open what the LSTM sees at each of its D steps. Here it
is the decoder feature together with that round's 2N mask and probability channels, average pooled
to the resolution of the upsampling step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn
from torch.nn import functional

from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.convlstm import ConvLSTM

if TYPE_CHECKING:
    from SAIMCore.networks.config import NetworkConfig

__all__ = ["ConvLSTMUnet"]


class ConvLSTMStep(nn.Module):
    """One upsampling step: upsample, join the skip connection, convolve, read the rounds."""

    def __init__(
        self, in_channels: int, skip_channels: int, channels: int, round_channels: int, depth: int
    ) -> None:
        super().__init__()
        self.convolution = nn.Sequential(
            nn.Conv2d(in_channels + skip_channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )
        self.lstm = ConvLSTM(channels, round_channels, depth)

    def forward(self, feature: Tensor, skip: Tensor | None, rounds: Tensor) -> Tensor:
        feature = functional.interpolate(feature, scale_factor=2.0, mode="nearest")
        if skip is not None:
            feature = torch.cat((feature, skip), dim=1)
        read: Tensor = self.lstm(self.convolution(feature), rounds)
        return read


class ConvLSTMUnet(SegmentationNetwork):
    """ConvLSTM decoder on the configured encoder, for the sequential memory."""

    needs_rounds: ClassVar[bool] = True

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.unet_encoder = smp.encoders.get_encoder(
            config.encoder, in_channels=config.in_channels, weights=None
        )
        # Feature channels from the coarsest resolution to half of the input's; the step to full
        # resolution has no skip connection, for there are no features but the input itself.
        deepest, *skips = reversed(self.unet_encoder.out_channels[1:])
        inputs = (deepest, *config.decoder_channels[:-1])
        self.steps = nn.ModuleList(
            ConvLSTMStep(*channels, 2 * config.num_classes, config.memory_depth)
            for channels in zip(inputs, (*skips, 0), config.decoder_channels, strict=True)
        )
        self.head = nn.Conv2d(config.decoder_channels[-1], config.num_classes, 3, padding=1)

    @property
    def encoder(self) -> nn.Module:
        encoder: nn.Module = self.unet_encoder
        return encoder

    def forward(self, image: Tensor, memory: Tensor) -> Tensor:
        features = self.unet_encoder(torch.cat((image, memory), dim=1))
        feature, *skips = reversed(features[1:])
        pyramid = self._pyramid(memory)
        for step, skip, rounds in zip(self.steps, (*skips, None), pyramid, strict=True):
            feature = step(feature, skip, rounds)
        logits: Tensor = self.head(feature)
        return logits

    def _pyramid(self, memory: Tensor) -> list[Tensor]:
        """The memory (B, M, h, w) at the resolutions of all steps, coarsest first."""
        pyramid = [memory]
        for _ in range(len(self.steps) - 1):
            pyramid.append(functional.avg_pool2d(pyramid[-1], 2))
        return pyramid[::-1]
