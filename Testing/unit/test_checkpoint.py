from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from SAIMCore.checkpoint import (
    CONFIG_FILE,
    FORMAT_VERSION,
    WEIGHTS_FILE,
    ModelConfig,
    load_checkpoint,
    load_config,
    save_checkpoint,
)
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import CheckpointError, ConfigurationError, ProjectError
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network

MakeConfig = Callable[..., ModelConfig]
MakeCheckpoint = Callable[..., Path]


@pytest.fixture
def folder(small_checkpoint: MakeCheckpoint) -> Path:
    return small_checkpoint()


def change_description(folder: Path, **changes: Any) -> None:
    path = folder / CONFIG_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("decoder", ["unet", "convlstm"])
def test_a_saved_model_is_loaded_exactly(
    small_config: MakeConfig, tmp_path: Path, decoder: str
) -> None:
    config = small_config(decoder)
    network = create_network(config.network)
    network(torch.randn(2, 1, 64, 64), torch.rand(2, 18, 64, 64))  # fills running statistics

    save_checkpoint(tmp_path / "model", network, config)
    loaded, loaded_config = load_checkpoint(tmp_path / "model")

    assert loaded_config == config
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor, rtol=0, atol=0)


def test_the_description_can_be_read_without_the_weights(
    folder: Path, small_config: MakeConfig
) -> None:
    (folder / WEIGHTS_FILE).unlink()

    assert load_config(folder) == small_config()


def test_the_folder_holds_weights_and_readable_json_only(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [CONFIG_FILE, WEIGHTS_FILE]
    description = json.loads((folder / CONFIG_FILE).read_text())
    assert description["format"] == FORMAT_VERSION
    assert description["version"] == "round-003"
    assert description["training"] == {"epoch": 7}
    assert [entry["name"] for entry in description["classes"]] == ["background", "uterus", "tumor"]


def test_a_model_is_never_written_over_another(folder: Path, small_config: MakeConfig) -> None:
    config = small_config()
    before = (folder / WEIGHTS_FILE).read_bytes()

    with pytest.raises(ProjectError, match="already exists"):
        save_checkpoint(folder, create_network(config.network), config)

    assert (folder / WEIGHTS_FILE).read_bytes() == before


def test_what_cannot_be_written_leaves_nothing(
    small_config: MakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("SAIMCore.checkpoint.write_json", fail)
    config = small_config()

    with pytest.raises(ProjectError, match="disk is full"):
        save_checkpoint(tmp_path / "model", create_network(config.network), config)

    assert list(tmp_path.iterdir()) == []


def test_the_expected_classes_may_have_other_colors(folder: Path) -> None:
    rows = load_config(folder).classes.to_json()
    rows[1]["color"] = [1, 2, 3]

    load_checkpoint(folder, ClassTable.from_json(rows))


def test_a_model_of_other_classes_is_refused_and_both_are_named(folder: Path) -> None:
    expected = ClassTable.from_names(["background", "liver", "cancer"])

    with pytest.raises(CheckpointError, match=r"1=uterus, 2=tumor within uterus.*1=liver, 2=can"):
        load_checkpoint(folder, expected)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no model at .*nowhere"):
        load_checkpoint(tmp_path / "nowhere")


def test_missing_weights_are_named(folder: Path) -> None:
    (folder / WEIGHTS_FILE).unlink()

    with pytest.raises(CheckpointError, match=WEIGHTS_FILE):
        load_checkpoint(folder)


@pytest.mark.parametrize("kept", [0, 4, 1000, -1])
def test_truncated_weights_are_refused(folder: Path, kept: int) -> None:
    path = folder / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(CheckpointError, match=r"truncated|damaged"):
        load_checkpoint(folder)


def test_one_changed_bit_in_the_weights_is_found(folder: Path) -> None:
    path = folder / WEIGHTS_FILE
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match="damaged or belongs to another"):
        load_checkpoint(folder)


def test_weights_of_another_model_are_found(folder: Path, small_checkpoint: MakeCheckpoint) -> None:
    other = small_checkpoint("convlstm")
    shutil.copy(other / WEIGHTS_FILE, folder / WEIGHTS_FILE)

    with pytest.raises(CheckpointError, match="belongs to another"):
        load_checkpoint(folder)


def test_weights_that_do_not_fit_the_description_are_refused(
    small_config: MakeConfig, tmp_path: Path
) -> None:
    other = create_network(small_config("convlstm").network)
    save_checkpoint(tmp_path / "model", other, small_config("unet"))

    with pytest.raises(CheckpointError, match="do not fit a unet network"):
        load_checkpoint(tmp_path / "model")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "truncated or damaged"),
        (b'{"format": 1, "vers', "truncated or damaged"),
        (b"\xff\xfe\x00", "truncated or damaged"),
        (b"[1, 2]", "does not describe a model"),
        (b"{}", "lacks 'format'"),
        (b'{"format": "new"}', "damaged"),
    ],
)
def test_a_damaged_description_is_refused(folder: Path, content: bytes, sentence: str) -> None:
    (folder / CONFIG_FILE).write_bytes(content)

    with pytest.raises(CheckpointError, match=sentence):
        load_config(folder)


def test_a_newer_format_is_refused(folder: Path) -> None:
    change_description(folder, format=FORMAT_VERSION + 1)

    with pytest.raises(CheckpointError, match=r"format 2.*reads up to 1; install a newer SAIM"):
        load_config(folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size": 100}, "multiple of 32, found 100"),
        ({"size": "large"}, "damaged"),
        ({"classes": None}, "damaged"),
        ({"classes": [{"name": "background", "value": 0}]}, "cannot be used"),
        ({"network": {"num_classes": 3, "decoder": "fpn"}}, "unknown decoder 'fpn'"),
        ({"preprocessing": {"window": 3}}, "unknown preprocessing option 'window'"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused(
    folder: Path, changes: dict[str, Any], sentence: str
) -> None:
    change_description(folder, **changes)

    with pytest.raises(CheckpointError, match=sentence):
        load_config(folder)


def test_network_and_classes_must_agree() -> None:
    classes = ClassTable.from_names(["background", "liver"])

    with pytest.raises(ConfigurationError, match=r"3 classes.*has 2 \(background, liver\)"):
        ModelConfig(NetworkConfig(3), classes, PreprocessingOptions(), 64, "round-001")


def test_weights_are_never_unpickled(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS_FILE), folder / "pickled")
    (folder / "pickled").replace(folder / WEIGHTS_FILE)

    with pytest.raises(CheckpointError, match="not a safetensors file"):
        load_checkpoint(folder)


def test_unsigned_weights_are_not_trusted(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS_FILE)
    save_file({name: tensor + 1 for name, tensor in weights.items()}, folder / WEIGHTS_FILE)

    with pytest.raises(CheckpointError, match="digest"):
        load_checkpoint(folder)
