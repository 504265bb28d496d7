from __future__ import annotations

from pathlib import Path

import pytest
import segmentation_models_pytorch as smp
import torch
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import save_file

from SAIMCore.errors import CheckpointError
from SAIMCore.networks import encoder_weights
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.encoder_weights import WEIGHTS_VARIABLE, load_encoder_weights
from SAIMCore.networks.factory import create_network

CHANNELS = (16, 12, 8, 8, 4)


@pytest.fixture(autouse=True)
def empty_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment variable, no cache, and no network."""

    def find(*_: object, local_files_only: bool = False, **__: object) -> str:
        assert local_files_only, "a download was tried"
        raise LocalEntryNotFoundError("not in the cache")

    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setattr(encoder_weights, "hf_hub_download", find)


@pytest.fixture
def pretrained() -> dict[str, torch.Tensor]:
    """Weights of an RGB encoder with its classifier, as they are distributed."""
    torch.manual_seed(5)
    encoder = smp.encoders.get_encoder("resnet18", weights=None)
    classifier = {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}
    return dict(encoder.state_dict()) | classifier


@pytest.fixture
def weight_file(pretrained: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    path = tmp_path / "resnet18.safetensors"
    save_file(pretrained, path)
    return path


def make_config(
    memory: str = "sequential", num_classes: int = 3, encoder: str = "resnet18"
) -> NetworkConfig:
    return NetworkConfig(num_classes, memory, encoder=encoder, decoder_channels=CHANNELS)


# Two classes in the base memory make three input channels, which still are not RGB.
@pytest.mark.parametrize(
    "config",
    [
        make_config(),
        make_config("none"),
        make_config("base", 2),
        NetworkConfig(3, decoder="convlstm", encoder="resnet18", decoder_channels=CHANNELS),
    ],
    ids=lambda config: f"{config.decoder}-{config.memory_variant}-{config.in_channels}",
)
def test_with_an_empty_memory_the_image_is_seen_as_in_pretraining(
    config: NetworkConfig, weight_file: Path, pretrained: dict[str, torch.Tensor]
) -> None:
    network = create_network(config)
    report = load_encoder_weights(network, config, weight_file)

    rgb = smp.encoders.get_encoder("resnet18", weights=None)
    rgb.load_state_dict(dict(pretrained))
    image = torch.randn(2, 1, 64, 64)
    memory = torch.zeros(2, config.memory.channels, 64, 64)
    with torch.inference_mode():
        expected = rgb.eval()(image.expand(-1, 3, -1, -1))[1:]
        found = network.eval().encoder(torch.cat((image, memory), dim=1))[1:]
    assert report.found
    assert str(weight_file) in report.sentence
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_the_memory_channels_differ_and_are_small_beside_the_image_channel(
    weight_file: Path,
) -> None:
    config = make_config()
    network = create_network(config)
    load_encoder_weights(network, config, weight_file)

    filters = network.encoder.conv1.weight.detach()
    bound = (config.in_channels * 7 * 7) ** -0.5
    assert filters[:, 1:].abs().max() <= bound
    assert filters[:, 1:].flatten(2).std(dim=1).min() > 0


def test_the_decoder_keeps_its_random_start(weight_file: Path) -> None:
    config = make_config()
    network = create_network(config)
    before = {name: value.clone() for name, value in network.state_dict().items()}

    load_encoder_weights(network, config, weight_file)

    for name, value in network.state_dict().items():
        assert ("encoder" in name) or torch.equal(value, before[name])


def test_the_environment_may_name_the_file(
    weight_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weight_file))
    config = make_config()

    assert load_encoder_weights(create_network(config), config).found


def test_a_filled_cache_is_used(weight_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def find(repository: str, name: str, *, revision: str, local_files_only: bool) -> str:
        asked.append((repository, name, bool(revision), local_files_only))
        return str(weight_file)

    monkeypatch.setattr(encoder_weights, "hf_hub_download", find)
    config = make_config()

    assert load_encoder_weights(create_network(config), config).found
    assert asked == [("smp-hub/resnet18.imagenet", "model.safetensors", True, True)]


@pytest.mark.parametrize("encoder", ["resnet18", "dpn68b"])
def test_without_weights_the_report_says_so_and_nothing_changes(encoder: str) -> None:
    config = make_config(encoder=encoder)
    network = create_network(config)
    before = {name: value.clone() for name, value in network.state_dict().items()}

    report = load_encoder_weights(network, config)

    assert not report.found
    assert f"No ImageNet weights for the encoder {encoder}" in report.sentence
    assert WEIGHTS_VARIABLE in report.sentence
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_named_file_that_is_missing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_config()
    network = create_network(config)
    with pytest.raises(CheckpointError, match=r"no weights at .*absent"):
        load_encoder_weights(network, config, tmp_path / "absent.safetensors")

    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "absent.safetensors"))
    with pytest.raises(CheckpointError, match=r"no weights at .*absent"):
        load_encoder_weights(network, config)


@pytest.mark.parametrize("kept", [0, 100, -100])
def test_a_truncated_file_is_an_error(weight_file: Path, kept: int) -> None:
    weight_file.write_bytes(weight_file.read_bytes()[:kept])
    config = make_config()

    with pytest.raises(CheckpointError, match="truncated or not a safetensors file"):
        load_encoder_weights(create_network(config), config, weight_file)


@pytest.mark.parametrize("encoder", ["resnet34", "efficientnet-b0"])
def test_weights_of_another_encoder_are_an_error(weight_file: Path, encoder: str) -> None:
    config = make_config(encoder=encoder)

    with pytest.raises(CheckpointError, match=rf"not hold weights of the encoder {encoder} \("):
        load_encoder_weights(create_network(config), config, weight_file)


def test_a_tensor_of_another_shape_is_an_error(
    pretrained: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    save_file(pretrained | {"conv1.weight": torch.zeros(64, 4, 7, 7)}, tmp_path / "odd.safetensors")
    config = make_config()

    with pytest.raises(CheckpointError, match=r"conv1\.weight has another shape"):
        load_encoder_weights(create_network(config), config, tmp_path / "odd.safetensors")
