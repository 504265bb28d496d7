"""The full state of a training in one file, so that it resumes exactly where it was saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from SAIMCore.data.atomic import atomic_path
from SAIMCore.errors import TrainingError

__all__ = ["restore_state", "save_state"]

NETWORK, OPTIMIZER = "network.", "optimizer."


def save_state(
    path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, facts: dict[str, Any]
) -> None:
    """Write weights, optimizer moments and ``facts`` (JSON-able) to ``path``, atomically.

    One file holds everything, so a kill leaves either the earlier state or the new one. Raises
    ProjectError when the disk is full or read-only.
    """
    tensors = {NETWORK + name: tensor for name, tensor in network.state_dict().items()}
    for number, moments in optimizer.state_dict()["state"].items():
        for name, value in moments.items():
            tensors[f"{OPTIMIZER}{number}.{name}"] = torch.as_tensor(value)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with atomic_path(path) as temporary:
        # Not safetensors' own writing: its error does not tell a full disk from anything else.
        temporary.write_bytes(save(tensors, metadata={"facts": json.dumps(facts)}))


def restore_state(
    path: Path, network: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Load what ``save_state`` wrote into network and optimizer; returns the facts.

    Raises TrainingError when the file is damaged or belongs to another network.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            facts: dict[str, Any] = json.loads(stored.metadata()["facts"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        network.load_state_dict(_part(tensors, NETWORK))
        _restore_moments(optimizer, _part(tensors, OPTIMIZER))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise TrainingError(
            f"the training state {path} is damaged or of another network "
            f"({str(error).splitlines()[0]}); start the training anew"
        ) from error
    return facts


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def _restore_moments(optimizer: torch.optim.Optimizer, moments: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        number, name = key.split(".")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )
    for weights, restored in optimizer.state.items():
        for name, value in restored.items():
            if value.shape == weights.shape:
                # The fused update goes through memory in order, so moments must lie there like
                # their weights, which are channels last.
                restored[name] = torch.empty_like(weights).copy_(value)
