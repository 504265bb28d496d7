"""Starting an encoder from ImageNet weights, when they are at hand.

They come from a file that the user names, or from the Hugging Face cache that
segmentation-models-pytorch fills. Nothing is downloaded, and having none is no failure.

The first convolution of such weights takes red, green and blue; ours takes the image and the
memory. The image channel gets the sum over the three, which is what a gray RGB image would meet.
The memory channels keep their random start, whose bound ``1 / sqrt(channels * kernel size)`` is
small beside pretrained filters: with an empty memory the encoder answers the image exactly as it
was pretrained to, and the channels of different classes and rounds differ from the first step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import segmentation_models_pytorch as smp
import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import LocalEntryNotFoundError
from torch import Tensor, nn

from SAIMCore.errors import CheckpointError
from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.first_convolution import first_convolution
from SAIMCore.networks.weight_file import read_weights

__all__ = ["WEIGHTS_VARIABLE", "WeightsReport", "load_encoder_weights"]

WEIGHTS_VARIABLE = "SAIM_ENCODER_WEIGHTS"
RGB_CHANNELS = 3


@dataclass(frozen=True)
class WeightsReport:
    """Whether pretrained weights were found, and a sentence for the user that says which."""

    found: bool
    sentence: str


def load_encoder_weights(
    network: SegmentationNetwork, config: NetworkConfig, file: Path | None = None
) -> WeightsReport:
    """Give the encoder of ``network`` pretrained weights, if there are any.

    ``file`` is a .safetensors file in the naming of segmentation-models-pytorch; without it the
    environment variable ``SAIM_ENCODER_WEIGHTS`` may name one; else the cache is looked into.

    Raises CheckpointError when a file that was named is missing, damaged, or of another encoder.
    """
    encoder = network.encoder
    if encoder is None:
        return WeightsReport(
            False,
            f"The {config.decoder} network has no encoder of segmentation-models-pytorch that "
            "could start from ImageNet weights, so it starts from random weights.",
        )
    if file is None and os.environ.get(WEIGHTS_VARIABLE):
        file = Path(os.environ[WEIGHTS_VARIABLE])
    path = file or _cached_weights(config.encoder)
    if path is None:
        return WeightsReport(
            False,
            f"No ImageNet weights for the encoder {config.encoder} were found on this machine, so "
            f"it starts from random weights; set {WEIGHTS_VARIABLE} to a .safetensors file to "
            "start from that.",
        )
    weights = read_weights(path)
    first = f"{first_convolution(encoder)[0]}.weight"
    if first in weights:
        weights[first] = _adapt(weights[first], encoder.state_dict()[first])
    _load(encoder, weights, path, config.encoder)
    return WeightsReport(True, f"The encoder {config.encoder} starts from the weights {path}.")


def _cached_weights(encoder: str) -> Path | None:
    """The file that segmentation-models-pytorch has downloaded before, if it has."""
    source = smp.encoders.encoders[encoder]["pretrained_settings"].get("imagenet")
    if source is None:
        return None
    try:
        return Path(
            hf_hub_download(
                source["repo_id"],
                "model.safetensors",
                revision=source["revision"],
                local_files_only=True,
            )
        )
    except LocalEntryNotFoundError:
        return None


def _adapt(pretrained: Tensor, start: Tensor) -> Tensor:
    """Turn RGB filters (O, 3, k, k) into filters of the image and the memory (O, 1 + M, k, k)."""
    if pretrained.ndim != 4 or pretrained.shape[1] != RGB_CHANNELS:
        return pretrained
    image = pretrained.sum(dim=1, keepdim=True)
    return torch.cat((image, start[:, 1:].to(image)), dim=1)


def _load(encoder: nn.Module, weights: Mapping[str, Tensor], path: Path, name: str) -> None:
    # The file may hold the classifier that the encoder was pretrained with: not ours to check.
    expected = encoder.state_dict()
    missing = [key for key in expected if key not in weights]
    wrong = [
        key for key in expected if key in weights and weights[key].shape != expected[key].shape
    ]
    if missing or wrong:
        fault = f"{missing[0]} is missing" if missing else f"{wrong[0]} has another shape"
        raise CheckpointError(
            f"{path} does not hold weights of the encoder {name} ({fault}); give the file of that "
            "encoder, or choose the encoder of the file"
        )
    encoder.load_state_dict({key: weights[key] for key in expected})
