"""Reading weights from a file, without ever running what is in it."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from SAIMCore.errors import CheckpointError

__all__ = ["read_weights"]


def read_weights(path: Path) -> dict[str, Tensor]:
    """All tensors of the safetensors file ``path``, on the CPU.

    Raises CheckpointError when it is missing, truncated, or not a safetensors file.
    """
    if not path.is_file():
        raise CheckpointError(f"no weights at {path}; give the path of a .safetensors file")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise CheckpointError(
            f"{path} is truncated or not a safetensors file ({error}); copy or download it again"
        ) from error
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read ({error.strerror}); check the file and its permissions"
        ) from error
