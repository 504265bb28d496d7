from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from SAIMCore import export
from SAIMCore.checkpoint import CONFIG_FILE, ModelConfig
from SAIMCore.errors import CheckpointError, ConfigurationError
from SAIMCore.export import ONNX_METADATA, TOLERANCE, export_onnx, export_torchscript
from SAIMCore.predictor import Predictor

# The warning that TorchScript is on its way out is known, and is met by loading as well.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

MakeCheckpoint = Callable[..., Path]
MODELS = [("unet", "sequential"), ("convlstm", "sequential"), ("unet", "none")]
# An export to ONNX takes seconds, so these two cover decoders and an empty memory together.
ONNX_MODELS = [("unet", "none"), ("convlstm", "sequential")]
SHAPES = [(1, 64, 64), (3, 96, 128)]


def make_input(predictor: Predictor, shape: tuple[int, int, int]) -> tuple[torch.Tensor, ...]:
    batch, rows, columns = shape
    channels = predictor.memory.channels
    return torch.randn(batch, 1, rows, columns), torch.rand(batch, channels, rows, columns)


@pytest.mark.parametrize(("decoder", "memory"), MODELS)
def test_torchscript_answers_like_the_predictor(
    small_checkpoint: MakeCheckpoint, tmp_path: Path, decoder: str, memory: str
) -> None:
    folder = small_checkpoint(decoder, memory)

    report = export_torchscript(folder, tmp_path / "model.pt")

    assert report.path == tmp_path / "model.pt"
    assert report.largest_difference is not None
    assert report.largest_difference <= TOLERANCE
    predictor = Predictor.load(folder, "cpu")
    exported = torch.jit.load(report.path)
    for shape in SHAPES:
        inputs = make_input(predictor, shape)
        with torch.inference_mode():
            torch.testing.assert_close(
                exported(*inputs), predictor.probabilities(*inputs), rtol=0, atol=TOLERANCE
            )


def test_a_torchscript_file_says_what_it_is(
    small_checkpoint: MakeCheckpoint, small_config: Callable[..., ModelConfig], tmp_path: Path
) -> None:
    export_torchscript(small_checkpoint(), tmp_path / "model.pt")

    extra = {CONFIG_FILE: ""}
    torch.jit.load(tmp_path / "model.pt", _extra_files=extra)
    assert ModelConfig.from_json(json.loads(extra[CONFIG_FILE])) == small_config()


@pytest.mark.parametrize(("decoder", "memory"), ONNX_MODELS)
def test_onnx_answers_like_the_predictor_and_says_what_it_is(
    small_checkpoint: MakeCheckpoint,
    small_config: Callable[..., ModelConfig],
    tmp_path: Path,
    decoder: str,
    memory: str,
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    folder = small_checkpoint(decoder, memory)

    report = export_onnx(folder, tmp_path / "model.onnx")

    assert report.largest_difference is not None
    assert report.largest_difference <= TOLERANCE
    predictor = Predictor.load(folder, "cpu")
    session = onnxruntime.InferenceSession(report.path, providers=["CPUExecutionProvider"])
    for shape in SHAPES:
        image, memory_channels = make_input(predictor, shape)
        (found,) = session.run(
            ["probabilities"], {"image": image.numpy(), "memory": memory_channels.numpy()}
        )
        expected = predictor.probabilities(image, memory_channels).numpy()
        np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
    properties = session.get_modelmeta().custom_metadata_map
    stored = ModelConfig.from_json(json.loads(properties[ONNX_METADATA]))
    assert stored == small_config(decoder, memory)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["model.onnx"]


def test_without_onnxruntime_the_report_says_that_nothing_was_checked(
    small_checkpoint: MakeCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(export, "_installed", lambda package: package != "onnxruntime")

    report = export_onnx(small_checkpoint(), tmp_path / "model.onnx")

    assert report.largest_difference is None
    assert "not checked" in report.sentence
    assert report.path.is_file()


def test_without_the_onnx_packages_the_way_to_get_them_is_named(
    small_checkpoint: MakeCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_installed", lambda package: False)

    with pytest.raises(ConfigurationError, match='-m pip install "onnx" "onnxscript"'):
        export_onnx(small_checkpoint(), tmp_path / "model.onnx")


def test_an_export_that_answers_differently_is_not_written(
    small_checkpoint: MakeCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "TOLERANCE", -1.0)

    with pytest.raises(CheckpointError, match="answers differently from PyTorch"):
        export_torchscript(small_checkpoint(), tmp_path / "model.pt")

    assert [path.name for path in tmp_path.iterdir()] == ["unet-sequential"]


@pytest.mark.parametrize("exporter", [export_torchscript, export_onnx])
def test_a_missing_model_is_refused(
    exporter: Callable[[Path, Path], object], tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="no model at"):
        exporter(tmp_path / "nowhere", tmp_path / "out")
