from __future__ import annotations

import pytest
import segmentation_models_pytorch as smp
import torch

from SAIMCore.errors import CheckpointError
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import NETWORKS, create_network, decoder_for_memory

SMALL = NetworkConfig(3, encoder="resnet18", decoder_channels=(16, 12, 8, 8, 4))


def test_weights_of_a_network_with_more_classes_are_refused() -> None:
    other = NetworkConfig(4, encoder="resnet18", decoder_channels=SMALL.decoder_channels)

    with pytest.raises(CheckpointError, match=r"3 classes.*instead of"):
        create_network(SMALL, create_network(other).state_dict())


def test_weights_with_a_tensor_missing_are_refused() -> None:
    weights = create_network(SMALL).state_dict()
    name = next(iter(weights))
    del weights[name]

    with pytest.raises(CheckpointError, match=f"{name} is missing"):
        create_network(SMALL, weights)


def test_weights_with_an_unknown_tensor_are_refused() -> None:
    weights = create_network(SMALL).state_dict() | {"surplus": torch.zeros(1)}

    with pytest.raises(CheckpointError, match="surplus is unknown"):
        create_network(SMALL, weights)


@pytest.mark.parametrize("decoder", ["unet", "convlstm"])
@pytest.mark.parametrize("encoder", ["efficientnet-b0", "mobilenet_v2", "mit_b0"])
def test_encoders_of_other_families_fit(encoder: str, decoder: str) -> None:
    config = NetworkConfig(
        2, decoder=decoder, encoder=encoder, decoder_channels=SMALL.decoder_channels
    )
    network = create_network(config).eval()

    with torch.inference_mode():
        logits = network(torch.zeros(1, 1, 64, 32), torch.zeros(1, 12, 64, 32))

    assert logits.shape == (1, 2, 64, 32)


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("a download was tried")

    monkeypatch.setattr(smp.encoders, "hf_hub_download", refuse)

    create_network(SMALL)


def test_only_a_decoder_that_needs_rounds_gives_way_to_the_plain_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(NETWORKS, "third", NETWORKS["unet"])
    assert decoder_for_memory("convlstm", "sequential") == "convlstm"
    assert decoder_for_memory("convlstm", "cumulative") == "unet"
    assert decoder_for_memory("third", "cumulative") == "third"
    assert decoder_for_memory("unknown", "none") == "unknown"
