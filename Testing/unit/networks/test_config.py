from __future__ import annotations

import json
from typing import Any

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.networks.config import NetworkConfig


@pytest.mark.parametrize(
    ("variant", "channels"), [("none", 1), ("base", 6), ("cumulative", 6), ("sequential", 31)]
)
def test_the_input_has_the_channels_of_the_method(variant: str, channels: int) -> None:
    assert NetworkConfig(5, variant).in_channels == channels


def test_a_configuration_survives_json() -> None:
    config = NetworkConfig(4, "sequential", 2, "convlstm", "resnet18", (32, 16, 8, 8, 8))

    assert NetworkConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_what_is_missing_in_json_takes_its_default() -> None:
    assert NetworkConfig.from_json({"num_classes": 3}) == NetworkConfig(3)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({}, "not complete"),
        ({"num_classes": "many"}, "many"),
        ({"num_classes": 3, "dropout": 0.5}, "unknown field 'dropout'.*newer version"),
        ({"num_classes": 3, "decoder_channels": 5}, "not complete"),
    ],
)
def test_a_damaged_description_is_refused(entry: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        NetworkConfig.from_json(entry)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"num_classes": 1}, "at least 2 classes, found 1"),
        ({"memory_variant": "episodic"}, "unknown memory 'episodic'; choose one of none, base"),
        ({"memory_depth": 0}, "at least 1, found 0"),
        ({"decoder": "fpn"}, "unknown decoder 'fpn'; choose one of unet, convlstm"),
        ({"encoder": "resnet43"}, "unknown encoder 'resnet43'; did you mean .*resnet34"),
        ({"encoder": "?"}, r"unknown encoder '\?'; for example resnet18"),
        ({"decoder_channels": (8, 8)}, "5 positive numbers.*found 8, 8"),
        ({"decoder_channels": ()}, "found none"),
        ({"decoder_channels": (8, 8, 8, 8, 0)}, "positive"),
    ],
)
def test_what_cannot_be_built_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        NetworkConfig(**({"num_classes": 3} | options))


@pytest.mark.parametrize("variant", ["none", "base", "cumulative"])
def test_the_convlstm_decoder_needs_the_sequential_memory(variant: str) -> None:
    with pytest.raises(ConfigurationError, match=r"convlstm.*choose the sequential"):
        NetworkConfig(3, variant, decoder="convlstm")
