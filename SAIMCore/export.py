"""Exporting a checkpoint to TorchScript and ONNX, for programs without SAIM.

The exported network takes ``image`` (B, 1, H, W) and ``memory`` (B, M, H, W), both float32, and
returns ``probabilities`` (B, N, H, W); B is free, H and W are multiples of 32. What
``config.json`` says (classes, memory, preprocessing) is inside: as the extra file ``config.json``
of a TorchScript file, as the metadata property ``saim`` of an ONNX file.
"""

from __future__ import annotations

import importlib.util
import io
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from SAIMCore.checkpoint import CONFIG_FILE, ModelConfig, load_checkpoint
from SAIMCore.data.atomic import atomic_path
from SAIMCore.errors import CheckpointError, ConfigurationError
from SAIMCore.installing import install_command
from SAIMCore.networks.config import SIZE_MULTIPLE

__all__ = ["ONNX_METADATA", "TOLERANCE", "ExportReport", "export_onnx", "export_torchscript"]

ONNX_METADATA = "saim"
# Largest difference of a probability from PyTorch's answer that an export may have. Measured on
# both decoders: 0 for TorchScript, about 1e-6 for ONNX (another order of additions).
TOLERANCE = 1e-4

# No side may be 1 at the coarsest resolution, nor equal another, to be exported as free.
_TRACED_SHAPE = (2, 2 * SIZE_MULTIPLE, 3 * SIZE_MULTIPLE)
_CHECKED_SHAPE = (1, 4 * SIZE_MULTIPLE, 2 * SIZE_MULTIPLE)

_Inputs = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class ExportReport:
    """What came of an export.

    largest_difference: of any probability from PyTorch's answer; None when it was not checked.
    sentence: the same for the user.
    """

    path: Path
    largest_difference: float | None
    sentence: str


class _ProbabilityNetwork(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, memory: Tensor) -> Tensor:
        logits: Tensor = self.network(image, memory)
        return logits.softmax(dim=1)


def export_torchscript(folder: Path, out: Path) -> ExportReport:
    """Write the checkpoint in ``folder`` to the TorchScript file ``out`` and check the file.

    Raises CheckpointError as ``load_checkpoint`` does, and when the file's answer differs from
    PyTorch's by more than ``TOLERANCE``; then nothing is written. Raises ProjectError when the disk
    refuses.
    """
    network, config = _load(folder)
    with atomic_path(out) as temporary, torch.no_grad(), warnings.catch_warnings():
        # TorchScript is on its way out of PyTorch; until then other programs read it.
        warnings.filterwarnings("ignore", message="`torch.jit")
        traced = torch.jit.trace(network, _inputs(config, _TRACED_SHAPE), check_trace=False)
        extra = {CONFIG_FILE: json.dumps(config.to_json())}
        # Through memory: where the disk is full, torch's own writing aborts the whole process.
        content = io.BytesIO()
        torch.jit.save(traced, content, _extra_files=extra)
        temporary.write_bytes(content.getbuffer())
        return _check(network, torch.jit.load(temporary), config, out)


def export_onnx(folder: Path, out: Path) -> ExportReport:
    """Write the checkpoint in ``folder`` to the ONNX file ``out`` and check the file.

    It is checked with onnxruntime; where that is not installed the report says so. Raises
    ConfigurationError when the packages for ONNX are missing, else as ``export_torchscript``.
    """
    if not (_installed("onnx") and _installed("onnxscript")):
        raise ConfigurationError(
            "export to ONNX needs the packages onnx and onnxscript; "
            f"install them with: {install_command('onnx', 'onnxscript', 'onnxruntime')}"
        )
    network, config = _load(folder)
    batch, rows, columns = (torch.export.Dim(name) for name in ("batch", "rows", "columns"))
    shape = {0: batch, 2: SIZE_MULTIPLE * rows, 3: SIZE_MULTIPLE * columns}
    with atomic_path(out) as temporary, warnings.catch_warnings():
        # The exporter warns that both inputs share their free sizes, as they must.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            _inputs(config, _TRACED_SHAPE),
            dynamo=True,
            input_names=["image", "memory"],
            output_names=["probabilities"],
            dynamic_shapes={"image": shape, "memory": shape},
            verbose=False,
        )
        assert program is not None
        program.model.metadata_props[ONNX_METADATA] = json.dumps(config.to_json())
        program.save(temporary, external_data=False)
        if not _installed("onnxruntime"):
            return ExportReport(
                out,
                None,
                f"Wrote {out}; onnxruntime is not installed, so its answers were not checked.",
            )
        return _check(network, _onnx_answer(temporary), config, out)


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _load(folder: Path) -> tuple[nn.Module, ModelConfig]:
    network, config = load_checkpoint(folder)
    return _ProbabilityNetwork(network).eval(), config


def _inputs(config: ModelConfig, shape: tuple[int, int, int]) -> _Inputs:
    """An image of noise and a memory with something in every channel."""
    batch, rows, columns = shape
    generator = torch.Generator().manual_seed(0)
    channels = config.network.memory.channels
    return (
        torch.randn(batch, 1, rows, columns, generator=generator),
        torch.rand(batch, channels, rows, columns, generator=generator),
    )


def _onnx_answer(path: Path) -> Callable[[Tensor, Tensor], Tensor]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def answer(image: Tensor, memory: Tensor) -> Tensor:
        (found,) = session.run(None, {"image": image.numpy(), "memory": memory.numpy()})
        return torch.from_numpy(np.asarray(found))

    return answer


def _check(
    network: nn.Module,
    exported: Callable[[Tensor, Tensor], Tensor],
    config: ModelConfig,
    out: Path,
) -> ExportReport:
    """Compare both on an input of another shape than the one that was traced."""
    inputs = _inputs(config, _CHECKED_SHAPE)
    with torch.inference_mode():
        difference = float((exported(*inputs) - network(*inputs)).abs().max())
    if not difference <= TOLERANCE:
        raise CheckpointError(
            f"the export of {config.version} answers differently from PyTorch (by {difference:.2g} "
            f"where {TOLERANCE:.0e} is allowed), so {out} was not written; "
            "export to the other format"
        )
    return ExportReport(
        out,
        difference,
        f"Wrote {out}; its probabilities differ from PyTorch's by {difference:.1g} at most.",
    )
