"""ONNX files, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.errors import CheckpointError, ConfigurationError
from SAIMCore.igniter import onnx_igniter
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import IgniterSeries

# The exporter's own warnings.
pytestmark = pytest.mark.filterwarnings("ignore")

Write = Callable[..., Path]
MakeSeries = Callable[[Geometry], IgniterSeries]


@pytest.mark.parametrize(
    "view",
    [
        {"kind": "2d", "orientation": "LPS"},
        {"kind": "3d", "input_size": (4, 8, 8)},
    ],
)
def test_labels_lie_where_the_structures_are(
    write_onnx: Write, block_series: MakeSeries, plain: Geometry, turn: Callable[..., Geometry],
    view: dict,
) -> None:  # fmt: skip
    geometry = turn(plain)
    series = block_series(geometry)
    igniter = open_igniter(write_onnx(**view), "cpu")
    found = dict(igniter.propose(series))
    labels = torch.stack([found[index].argmax(dim=0) for index in range(6)])
    expected = to_slices(series.intensities(), geometry.acquisition_axis)
    np.testing.assert_array_equal(labels.numpy(), expected)
    assert igniter.trainable(series) is None


@pytest.mark.parametrize("batch", [1, 4])
def test_a_file_that_is_bound_to_one_shape_gets_it(
    write_onnx: Write, block_series: MakeSeries, plain: Geometry, batch: int
) -> None:
    path = write_onnx((batch, 1, 16, 16), input_size=(16, 16), multiple=None)
    series = block_series(plain)
    found = dict(open_igniter(path, "cpu").propose(series))
    labels = torch.stack([found[index].argmax(dim=0) for index in range(6)])
    np.testing.assert_array_equal(labels.numpy(), series.intensities())


def test_a_size_that_differs_from_the_description_is_found_when_it_is_opened(
    write_onnx: Write,
) -> None:
    path = write_onnx((1, 1, 16, 16), input_size=(32, 32))
    sentence = r"model.onnx does not take an input of 1 x 1 x 32 x 32 \(.*\); correct kind, input"
    with pytest.raises(CheckpointError, match=sentence) as caught:
        open_igniter(path, "cpu")
    assert "\n" not in str(caught.value)


def test_a_class_count_that_differs_is_found_when_it_is_opened(write_onnx: Write) -> None:
    with pytest.raises(CheckpointError, match="answers with 3 classes, but its description has 2"):
        open_igniter(write_onnx(classes=("background", "liver")), "cpu")


def test_several_outputs_are_refused(write_onnx: Write) -> None:
    with pytest.raises(
        CheckpointError, match=r"has 1 inputs \(image\) and 2 outputs \(.*\), but an"
    ):
        open_igniter(write_onnx(outputs=2), "cpu")


def test_a_file_that_torch_exported_is_run(
    write_onnx: Write, block_series: MakeSeries, threshold_network: nn.Module, plain: Geometry
) -> None:
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    path = write_onnx()
    free = {0: torch.export.Dim.AUTO, 2: torch.export.Dim.AUTO, 3: torch.export.Dim.AUTO}
    program = torch.onnx.export(
        threshold_network, (torch.zeros(2, 1, 8, 12),), dynamo=True, dynamic_shapes=(free,),
        verbose=False,
    )  # fmt: skip
    assert program is not None
    program.save(path, external_data=False)
    series = block_series(plain)
    found = dict(open_igniter(path, "cpu").propose(series))
    labels = torch.stack([found[index].argmax(dim=0) for index in range(6)])
    np.testing.assert_array_equal(labels.numpy(), series.intensities())


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07\x12\x04half"])
def test_a_damaged_file_is_named(
    write_onnx: Write, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_onnx()
    path.write_bytes(content)
    capfd.readouterr()
    with pytest.raises(CheckpointError, match=r"model.onnx cannot be loaded \(.*\); give a comple"):
        open_igniter(path, "cpu")
    assert capfd.readouterr().err == ""


def test_a_truncated_file_is_named(write_onnx: Write) -> None:
    path = write_onnx()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"model.onnx cannot be loaded"):
        open_igniter(path, "cpu")


def test_without_onnxruntime_the_way_to_get_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_igniter, "_installed", lambda: False)
    path = tmp_path / "model.onnx"
    path.touch()
    with pytest.raises(ConfigurationError, match=r'needs the package onnxruntime; .*"onnxruntime"'):
        open_igniter(path, "cpu")


def test_other_weights_are_another_version(write_onnx: Write) -> None:
    first = open_igniter(write_onnx(), "cpu").version
    assert open_igniter(write_onnx(scale=21.0), "cpu").version != first
