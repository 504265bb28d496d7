"""Where networks run: CPU, CUDA or MPS, and in which precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import torch

from SAIMCore.errors import ConfigurationError, SaimError

__all__ = [
    "CPU",
    "autocast",
    "autocast_dtype",
    "choose_device",
    "describe_device",
    "is_out_of_memory",
    "short_memory_said",
    "where_it_fits",
]

Made = TypeVar("Made")

CPU = torch.device("cpu")

# Below these compute capabilities half precision is emulated or slower than float32.
BFLOAT16_CAPABILITY = (8, 0)
FLOAT16_CAPABILITY = (7, 0)

# How a plain RuntimeError says that memory was short: MPS, the CPU, CUDA's libraries.
SHORTAGE = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")


def choose_device(name: str | torch.device = "auto") -> torch.device:
    """The device called ``name``: auto, cpu, cuda, cuda:1, mps.

    ``auto`` takes the first of CUDA, MPS and CPU that is there. Raises ConfigurationError for a
    device that does not exist here.
    """
    wanted = str(name).strip().lower()
    if wanted == "auto":
        wanted = _best_kind()
    kind, colon, number = wanted.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (colon and not number.isdigit()):
        raise ConfigurationError(
            f"unknown device {str(name)!r}; choose auto, cpu, cuda, cuda:1 or mps"
        )
    if kind == "cuda":
        return _cuda_device(int(number or 0))
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ConfigurationError("no MPS device was found on this machine; choose auto or cpu")
    return torch.device(kind)


def _best_kind() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _cuda_device(number: int) -> torch.device:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        raise ConfigurationError("no CUDA device was found on this machine; choose auto or cpu")
    if number >= count:
        raise ConfigurationError(
            f"there is no device cuda:{number}; this machine has {count}, "
            f"cuda:0 to cuda:{count - 1}"
        )
    return torch.device("cuda", number)


def describe_device(device: torch.device) -> str:
    """Name of ``device`` and, for CUDA, its memory: what a report or a log should say."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name} ({properties.total_memory / 2**30:.0f} GiB), {device}"
    if device.type == "mps":
        return "Apple GPU, mps"
    threads = torch.get_num_threads()
    return f"CPU with {threads} thread{'' if threads == 1 else 's'}"


def autocast_dtype(device: torch.device) -> torch.dtype | None:
    """The half precision in which convolutions run on ``device``; None where float32 is best.

    bfloat16 where CUDA devices have it, for it needs no loss scaling; float16 on the ones before.
    On CPU and MPS half precision is not used: whether it helps there depends on the processor.
    """
    if device.type != "cuda":
        return None
    capability = torch.cuda.get_device_capability(device)
    if capability >= BFLOAT16_CAPABILITY:
        return torch.bfloat16
    return torch.float16 if capability >= FLOAT16_CAPABILITY else None


def autocast(device: torch.device, enabled: bool = True) -> AbstractContextManager[Any]:
    """Context in which a network on ``device`` runs in the precision that suits it."""
    dtype = autocast_dtype(device) if enabled else None
    if dtype is None:
        return nullcontext()
    return torch.autocast(device.type, dtype=dtype)


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether PyTorch raised ``error`` because the memory of a device did not suffice."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in SHORTAGE)


@contextmanager
def short_memory_said(sentence: str) -> Iterator[None]:
    """Raise SaimError with ``sentence`` where PyTorch runs out of memory in the context."""
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise SaimError(sentence) from error


def where_it_fits(device: torch.device, make: Callable[[torch.device], Made]) -> Made:
    """``make(device)``, or ``make`` on the CPU where the memory of ``device`` does not suffice."""
    try:
        return make(device)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
    # Only here, outside the handler, is what the failed attempt held free.
    return make(CPU)
