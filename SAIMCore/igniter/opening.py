"""Opening whatever proposes labels: each kind of igniter is one file here and one line below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from SAIMCore.errors import CheckpointError
from SAIMCore.igniter.checkpoint_igniter import is_checkpoint, open_checkpoint
from SAIMCore.igniter.labelmap_igniter import is_labelmap_folder, open_labelmaps
from SAIMCore.igniter.onnx_igniter import is_onnx, open_onnx
from SAIMCore.igniter.proposer import Igniter
from SAIMCore.igniter.torchscript_igniter import is_torchscript, open_torchscript

__all__ = ["IGNITER_KINDS", "IgniterKind", "open_igniter"]


@dataclass(frozen=True)
class IgniterKind:
    """what: for people. fits: whether a path is one, by its name. open: (path, device, TOML)."""

    what: str
    fits: Callable[[Path], bool]
    open: Callable[[Path, str | torch.device, Path | None], Igniter]


# The first that fits opens a path: any folder may hold labelmaps.
IGNITER_KINDS = (
    IgniterKind("the folder of a model of SAIM", is_checkpoint, open_checkpoint),
    IgniterKind("a TorchScript file (.pt, .ts)", is_torchscript, open_torchscript),
    IgniterKind("an ONNX file (.onnx)", is_onnx, open_onnx),
    IgniterKind("a folder of labelmaps", is_labelmap_folder, open_labelmaps),
)


def open_igniter(
    path: Path, device: str | torch.device = "auto", description: Path | None = None
) -> Igniter:
    """The igniter at ``path``, checked so far that it can be used.

    description: the TOML file of a TorchScript or ONNX network that is not beside it.

    Raises CheckpointError for networks, InvalidLabelmapError for labelmaps and ConfigurationError
    for descriptions that cannot be used, each saying what was found and what to do.
    """
    if not path.exists():
        raise CheckpointError(f"the igniter {path} does not exist; check the path")
    for kind in IGNITER_KINDS:
        if kind.fits(path):
            return kind.open(path, device, description)
    known = ", ".join(kind.what for kind in IGNITER_KINDS)
    raise CheckpointError(f"{path} is nothing that proposes labels; give {known}")
