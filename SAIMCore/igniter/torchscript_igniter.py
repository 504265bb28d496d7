"""A TorchScript file as an igniter. Nothing is unpickled by Python, no code of its own is run.

TorchScript is a language of its own: what PyTorch runs of it are tensor operations. Those that
reach for files or other programs are refused (``torchscript_code``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.jit._recursive import wrap_cpp_module

from SAIMCore.data.contents import content_digest
from SAIMCore.device import choose_device, is_out_of_memory
from SAIMCore.errors import CheckpointError, SaimError, reason_of
from SAIMCore.igniter.description import IgniterDescription, description_file
from SAIMCore.igniter.network_igniter import NetworkIgniter
from SAIMCore.igniter.torchscript_code import (
    READING_FAILURES,
    read_code,
    refuse_code,
    refuse_operations,
)

__all__ = ["is_torchscript", "open_torchscript"]

# Also of files that are refused, so that it can be said why.
_SUFFIXES = (".pt", ".pth", ".ts", ".torchscript", ".jit", ".ckpt", ".pkl", ".pickle", ".bin")
_PICKLE = b"\x80"
_ZIP = b"PK\x03\x04"


def is_torchscript(path: Path) -> bool:
    """Whether ``path`` is, by its name, something that PyTorch wrote."""
    return path.suffix.lower() in _SUFFIXES and not path.is_dir()


def open_torchscript(
    path: Path, device: str | torch.device = "auto", description: Path | None = None
) -> NetworkIgniter:
    """The network in ``path``, which the TOML file ``description`` describes (default: beside it).

    Raises CheckpointError when the file is missing, damaged, no TorchScript, or does not do what
    its description says, ConfigurationError for the description and the device.
    """
    _refuse_what_is_none(path)
    about = description or description_file(path)
    described = IgniterDescription.read(about)
    network = _load(path, choose_device(device))
    return NetworkIgniter(path, content_digest([path, about]), described, network)


def _refuse_what_is_none(path: Path) -> None:
    if not path.is_file():
        raise CheckpointError(f"the network {path} does not exist; check the path")
    with path.open("rb") as file:
        start = file.read(len(_ZIP))
    if not start.startswith(_ZIP):
        if start.startswith(_PICKLE):
            raise _needs_code(path)
        raise CheckpointError(
            f"{path} is no TorchScript file; export the network with torch.jit.trace or "
            "torch.jit.script, or as ONNX"
        )
    found = read_code(path)
    if not found:
        raise _needs_code(path)
    for code in found:
        refuse_code(path, code)


def _needs_code(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path} is a pickle (torch.save), which can only be loaded by running code that is in it, "
        "and is refused; export the network with torch.jit.trace or torch.jit.script, or as ONNX"
    )


def _load(path: Path, device: torch.device) -> _TorchScriptNetwork:
    # torch.jit.load in two steps: it does not tell of all the functions that it has made.
    unit: Any = torch._C.CompilationUnit()
    importing: Any = torch._C.import_ir_module
    try:
        loaded = importing(unit, os.fspath(path), device, {}, False)
        refuse_operations(path, unit.get_functions())
        module = wrap_cpp_module(loaded)
    except (*READING_FAILURES, torch.jit.Error) as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise SaimError(
                f"the memory of {device} is too small for the network {path}; run it on the CPU"
            ) from error
        raise CheckpointError(
            f"{path} cannot be loaded ({reason_of(error)}); give a complete TorchScript file"
        ) from error
    _refuse_other_inputs(path, module)
    return _TorchScriptNetwork(module.eval(), device)


def _refuse_other_inputs(path: Path, module: torch.jit.ScriptModule) -> None:
    if not hasattr(module, "forward"):
        raise CheckpointError(f"{path} has no method forward; export a network that can be called")
    forward: Any = module.forward
    # The first is the module itself.
    arguments = forward.schema.arguments[1:]
    needed = [entry.name for entry in arguments if not entry.has_default_value()]
    if len(needed) != 1:
        raise CheckpointError(
            f"the network {path} takes {len(needed)} inputs ({', '.join(needed)}), but an igniter "
            "gets the image alone; export one that takes an image, or, if it is a model of SAIM, "
            "give the folder of the model"
        )


class _TorchScriptNetwork:
    largest_batch = None

    def __init__(self, module: torch.jit.ScriptModule, device: torch.device) -> None:
        self.device = device
        self._module = module

    @property
    def module(self) -> nn.Module | None:
        # A frozen file keeps its weights as constants.
        return self._module if any(True for _ in self._module.parameters()) else None

    @torch.no_grad()
    def run(self, images: Tensor) -> Tensor:
        try:
            answer: Tensor = self._module(images)
        except (torch.jit.Error, UnicodeDecodeError) as error:
            # No RuntimeErrors, though they tell of one: the second quotes a file that is damaged.
            raise RuntimeError(str(error)) from error
        return answer
