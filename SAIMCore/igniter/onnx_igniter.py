"""An ONNX file as an igniter, run by onnxruntime."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from SAIMCore.data.contents import content_digest
from SAIMCore.device import CPU, choose_device
from SAIMCore.errors import CheckpointError, ConfigurationError, reason_of
from SAIMCore.igniter.description import IgniterDescription, description_file
from SAIMCore.igniter.network_igniter import NetworkIgniter
from SAIMCore.installing import install_command

__all__ = ["is_onnx", "open_onnx"]

_FLOAT = "tensor(float)"


def is_onnx(path: Path) -> bool:
    """Whether ``path`` is, by its name, an ONNX file."""
    return path.suffix.lower() == ".onnx" and not path.is_dir()


def open_onnx(
    path: Path, device: str | torch.device = "auto", description: Path | None = None
) -> NetworkIgniter:
    """The network in ``path``, which the TOML file ``description`` describes (default: beside it).

    Raises ConfigurationError when onnxruntime is missing and for the description, CheckpointError
    when the file is missing, damaged, or does not do what its description says.
    """
    if not path.is_file():
        raise CheckpointError(f"the network {path} does not exist; check the path")
    if not _installed():
        raise ConfigurationError(
            f"the network {path} needs the package onnxruntime; install it with: "
            f"{install_command('onnxruntime')}"
        )
    about = description or description_file(path)
    described = IgniterDescription.read(about)
    network = _OnnxNetwork(path, choose_device(device))
    # Large networks keep their weights in a file beside them.
    weights = [file for file in (path.with_name(f"{path.name}.data"),) if file.is_file()]
    return NetworkIgniter(path, content_digest([path, *weights, about]), described, network)


def _installed() -> bool:
    return importlib.util.find_spec("onnxruntime") is not None


class _OnnxNetwork:
    device = CPU
    module = None

    def __init__(self, path: Path, device: torch.device) -> None:
        import onnxruntime

        cuda = [("CUDAExecutionProvider", {"device_id": device.index or 0})]
        wanted: list[Any] = cuda if device.type == "cuda" else []
        there = set(onnxruntime.get_available_providers())
        providers = [entry for entry in wanted if entry[0] in there] + ["CPUExecutionProvider"]
        options = onnxruntime.SessionOptions()
        # Its own words go to the terminal; what is wrong is said in the errors here.
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=providers)
        except _failures() as error:
            raise CheckpointError(
                f"{path} cannot be loaded ({reason_of(error)}); give a complete ONNX file without "
                "operators of its own"
            ) from error
        self._input = self._single_input(path)

    @property
    def largest_batch(self) -> int | None:
        batch = self._input.shape[0] if self._input.shape else None
        return batch if isinstance(batch, int) else None

    def run(self, images: Tensor) -> Tensor:
        missing = (self.largest_batch or 0) - len(images)
        if missing > 0:
            # A file may be bound to one number of images.
            images = torch.cat([images, images.new_zeros(missing, *images.shape[1:])])
        try:
            (answer,) = self._session.run(None, {self._input.name: images.contiguous().numpy()})
        except _failures() as error:
            raise RuntimeError(str(error)) from error
        found = torch.from_numpy(np.asarray(answer))
        return found[: len(found) - missing] if missing > 0 else found

    def _single_input(self, path: Path) -> Any:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            names = [", ".join(entry.name for entry in side) for side in (inputs, outputs)]
            raise CheckpointError(
                f"the network {path} has {len(inputs)} inputs ({names[0]}) and {len(outputs)} "
                f"outputs ({names[1]}), but an igniter has one image and one segmentation; export "
                "it so, or, if it is a model of SAIM, give the folder of the model"
            )
        if inputs[0].type != _FLOAT:
            raise CheckpointError(
                f"the network {path} takes {inputs[0].type}, but an igniter gives {_FLOAT}; export "
                "it with an input of 32 bits"
            )
        return inputs[0]


def _failures() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its errors have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (
        state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf,
        state.NoSuchFile, state.NotImplemented, state.RuntimeException, RuntimeError, ValueError,
    )  # fmt: skip
