"""A trained model on disk: ``model.safetensors`` (weights) and ``config.json`` (all the rest).

The folder holds everything that is needed to run the model. ``config.json`` also has the SHA-256
digest of the weights, so that a truncated or damaged file and a mixture of two models are found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn

from SAIMCore.classes import ClassTable
from SAIMCore.data.atomic import atomic_folder, write_json
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import CheckpointError, ClassTableError, ConfigurationError
from SAIMCore.networks.base import SegmentationNetwork
from SAIMCore.networks.config import SIZE_MULTIPLE, NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.networks.weight_file import read_weights

__all__ = [
    "CONFIG_FILE",
    "FORMAT_VERSION",
    "WEIGHTS_FILE",
    "ModelConfig",
    "load_checkpoint",
    "load_config",
    "save_checkpoint",
]

FORMAT_VERSION = 1
WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"
_DIGEST = "weights_sha256"


@dataclass(frozen=True)
class ModelConfig:
    """What a model is and how its input must be prepared.

    size: smallest input side in pixels (a multiple of 32), the one it was trained at.
    version: name of the model, for example "round-003".
    training: free facts for people and reports (JSON-able).

    Raises ConfigurationError when network and class table disagree or the size does not fit.
    """

    network: NetworkConfig
    classes: ClassTable
    preprocessing: PreprocessingOptions
    size: int
    version: str
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.network.num_classes != len(self.classes):
            raise ConfigurationError(
                f"the network has {self.network.num_classes} classes, but the class table has "
                f"{len(self.classes)} ({', '.join(self.classes.names)}); make them agree"
            )
        if self.size < SIZE_MULTIPLE or self.size % SIZE_MULTIPLE:
            raise ConfigurationError(
                f"the size must be a positive multiple of {SIZE_MULTIPLE}, found {self.size}"
            )

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT_VERSION,
            "version": self.version,
            "network": self.network.to_json(),
            "classes": self.classes.to_json(),
            "preprocessing": self.preprocessing.to_json(),
            "size": self.size,
            "training": self.training,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ModelConfig:
        """Read what ``to_json`` wrote.

        Raises CheckpointError when it is of a newer format, incomplete, or contradicts itself.
        """
        try:
            if int(entry["format"]) > FORMAT_VERSION:
                raise CheckpointError(
                    f"the model has format {entry['format']}, but this version of SAIM reads up "
                    f"to {FORMAT_VERSION}; install a newer SAIM"
                )
            return cls(
                NetworkConfig.from_json(entry["network"]),
                ClassTable.from_json(entry["classes"]),
                PreprocessingOptions.from_json(entry["preprocessing"]),
                int(entry["size"]),
                str(entry["version"]),
                dict(entry.get("training") or {}),
            )
        except KeyError as error:
            raise CheckpointError(
                f"the model's description lacks {error}; restore the file from another copy"
            ) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(
                f"the model's description is damaged ({error}); restore it from another copy"
            ) from error
        except (ConfigurationError, ClassTableError) as error:
            raise CheckpointError(f"the model cannot be used: {error}") from error


def save_checkpoint(folder: Path, network: nn.Module, config: ModelConfig) -> None:
    """Write ``network`` and ``config`` to the new folder ``folder``: complete or not there.

    Raises ProjectError when the folder already has content or the disk refuses.
    """
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    with atomic_folder(folder) as temporary:
        weights = temporary / WEIGHTS_FILE
        # Not safetensors' own writing: its error does not tell a full disk from anything else.
        weights.write_bytes(save(tensors))
        write_json(temporary / CONFIG_FILE, config.to_json() | {_DIGEST: _digest(weights)})


def load_config(folder: Path) -> ModelConfig:
    """The description of the model in ``folder``, without its weights.

    Raises CheckpointError when it is missing, damaged, or of a newer format.
    """
    return ModelConfig.from_json(_read_description(folder))


def load_checkpoint(
    folder: Path, expected_classes: ClassTable | None = None
) -> tuple[SegmentationNetwork, ModelConfig]:
    """The network in ``folder`` with its weights, on the CPU in training mode, and its description.

    Raises CheckpointError when a file is missing, truncated, damaged or of a newer format, when
    the weights do not fit, or when the model was made for other classes than expected.
    """
    description = _read_description(folder)
    config = ModelConfig.from_json(description)
    if expected_classes is not None and not config.classes.same_structure(expected_classes):
        raise CheckpointError(
            f"the model {config.version} was made for the classes {_listed(config.classes)}, but "
            f"{_listed(expected_classes)} are asked for; choose a model of these classes"
        )
    path = Path(folder, WEIGHTS_FILE)
    weights = read_weights(path)
    if description.get(_DIGEST) != _digest(path):
        raise CheckpointError(
            f"{path} is damaged or belongs to another {CONFIG_FILE}: its digest is not the one "
            "noted there; restore the folder from another copy"
        )
    return create_network(config.network, weights), config


def _read_description(folder: Path) -> dict[str, Any]:
    path = Path(folder, CONFIG_FILE)
    if not path.is_file():
        raise CheckpointError(
            f"no model at {folder}: {path.name} is missing; choose a model folder"
        )
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(
            f"{path} is truncated or damaged ({error}); restore it from another copy"
        ) from error
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read ({error.strerror}); check its permissions"
        ) from error
    if not isinstance(description, dict):
        raise CheckpointError(f"{path} does not describe a model; restore it from another copy")
    return description


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _listed(classes: ClassTable) -> str:
    return ", ".join(
        f"{entry.value}={entry.name}" + (f" within {entry.within}" if entry.within else "")
        for entry in classes
    )
