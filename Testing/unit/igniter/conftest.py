"""Series on grids of all kinds, and small networks in files as other programs write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.data.geometry import Geometry, from_slices
from SAIMCore.data.reading import Volume
from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.normalization import IntensityNormalization
from SAIMCore.igniter.proposer import IgniterSeries

# Rows and columns differ, slices are thick, nothing is at the origin; 6 slices of 20 x 24 pixels.
PLAIN = Geometry((24, 20, 6), (1.0, 1.0, 3.0), (-12.0, 40.0, 7.0), tuple(np.eye(3).ravel()))


class Thresholds(nn.Module):
    """Logits of three classes by intensity: below 0.5, up to 1.5, above; for any dimension."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(20.0))

    def forward(self, image: Tensor) -> Tensor:
        values = image.mean(dim=1, keepdim=True)
        levels = [-((values - level) ** 2) for level in (0.0, 1.0, 2.0)]
        return self.scale * torch.cat(levels, dim=1)


class Labels(nn.Module):
    """The label values 0, 5 and 9 by intensity, as (B, rows, columns)."""

    def forward(self, image: Tensor) -> Tensor:
        values = image[:, 0]
        return (values > 0.5).long() * 5 + (values > 1.5).long() * 4


def rotated(geometry: Geometry, degrees: float = 15.0) -> Geometry:
    """The same grid turned about an axis between all three."""
    x, y, z = np.array([1.0, 2.0, -1.5]) / np.linalg.norm([1.0, 2.0, -1.5])
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    direction = turn @ np.reshape(geometry.direction, (3, 3))
    return replace(geometry, direction=tuple(direction.ravel().tolist()))


def blocks(geometry: Geometry) -> NDArray[np.float32]:
    """A volume (K, J, I) of the values 0, 1 and 2 in blocks that no axis sees alike."""
    stack = np.zeros(geometry.stack_shape, dtype=np.float32)
    depth, height, width = stack.shape
    stack[1 : depth - 1, 2 : height // 2, 3 : width - 4] = 1
    stack[2:depth, height // 2 : height - 3, 1 : width // 2] = 2
    return np.ascontiguousarray(from_slices(stack, geometry.acquisition_axis))


@pytest.fixture
def plain() -> Geometry:
    return PLAIN


@pytest.fixture(params=["plain", "sagittal", "oblique", "slices first"])
def geometry(request: pytest.FixtureRequest) -> Geometry:
    """Grids as scanners and converters leave them."""
    if request.param == "sagittal":
        direction = (0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
        return replace(PLAIN, direction=direction)
    if request.param == "oblique":
        return rotated(PLAIN)
    if request.param == "slices first":
        return Geometry((6, 24, 20), (3.0, 1.0, 1.0), PLAIN.origin, rotated(PLAIN).direction)
    return PLAIN


@pytest.fixture
def turn() -> Callable[..., Geometry]:
    return rotated


@pytest.fixture
def block_volume() -> Callable[[Geometry], NDArray[np.float32]]:
    return blocks


@pytest.fixture
def block_series() -> Callable[[Geometry], IgniterSeries]:
    """A series called "case" of ``blocks`` on a grid."""

    def make(geometry: Geometry) -> IgniterSeries:
        return IgniterSeries.of("case", Volume(blocks(geometry), geometry))

    return make


@pytest.fixture
def description() -> Callable[..., IgniterDescription]:
    """That of ``Thresholds``, with some values changed."""

    def make(kind: str = "2d", **changes: object) -> IgniterDescription:
        values: dict = {
            "kind": kind,
            "output": "logits",
            "classes": ("background", "liver", "spleen"),
            "normalization": IntensityNormalization("none"),
            "multiple": 1,
        }
        return IgniterDescription(**(values | changes))

    return make


@pytest.fixture
def write_torchscript(
    tmp_path: Path, description: Callable[..., IgniterDescription]
) -> Callable[..., Path]:
    """Writes a network to model.ts, with its description beside it."""

    def write(
        module: nn.Module | None = None, about: IgniterDescription | None = None, **changes: object
    ) -> Path:
        path = tmp_path / "model.ts"
        torch.jit.save(torch.jit.script(module or Thresholds()), path)
        (about or description(**changes)).write(path.with_suffix(".toml"))
        return path

    return write


@pytest.fixture
def write_onnx(
    tmp_path: Path, description: Callable[..., IgniterDescription]
) -> Callable[..., Path]:
    """Writes ``Thresholds`` to model.onnx, with its description beside it.

    shape: of the input, each side a number or the name of one that is free; outputs: how often the
    answer is given.
    """
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    single = onnx.TensorProto.FLOAT

    def write(
        shape: tuple[int | str, ...] | None = None,
        outputs: int = 1,
        scale: float = 20.0,
        about: IgniterDescription | None = None,
        **changes: object,
    ) -> Path:
        path = tmp_path / "model.onnx"
        about = about or description(**changes)
        sides = shape or ("batch", 1, *about.axes)
        levels = np.array([0, 1, 2], dtype=np.float32).reshape(1, 3, *[1] * (len(sides) - 2))
        nodes = [
            onnx.helper.make_node("Sub", ["image", "levels"], ["distance"]),
            onnx.helper.make_node("Mul", ["distance", "distance"], ["squared"]),
        ]
        names = [f"answer{number}" for number in range(outputs)]
        nodes += [onnx.helper.make_node("Mul", ["squared", "scale"], [name]) for name in names]
        answer = (sides[0], 3, *sides[2:])
        graph = onnx.helper.make_graph(
            nodes,
            "thresholds",
            [onnx.helper.make_tensor_value_info("image", single, sides)],
            [onnx.helper.make_tensor_value_info(name, single, answer) for name in names],
            [
                onnx.numpy_helper.from_array(levels, "levels"),
                onnx.numpy_helper.from_array(np.float32(-scale).reshape(1), "scale"),
            ],
        )
        opset = onnx.helper.make_opsetid("", 18)
        model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9)
        path.write_bytes(model.SerializeToString())
        about.write(path.with_suffix(".toml"))
        return path

    return write


@pytest.fixture
def label_network() -> nn.Module:
    return Labels()


@pytest.fixture
def threshold_network() -> nn.Module:
    return Thresholds()


@pytest.fixture
def labels(block_volume: Callable[[Geometry], NDArray], geometry: Geometry) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = block_volume(geometry).astype(np.uint8)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with names for the values 3 and 7."""
    made = tmp_path / "labels"
    made.mkdir()
    (made / "labels.toml").write_text("[labels]\nliver = 3\nspleen = 7\n", encoding="utf-8")
    return made
