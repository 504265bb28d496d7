from __future__ import annotations

import pytest
import torch

from SAIMCore.device import (
    autocast,
    autocast_dtype,
    choose_device,
    describe_device,
    is_out_of_memory,
    short_memory_said,
    where_it_fits,
)
from SAIMCore.errors import ConfigurationError, SaimError

CPU = torch.device("cpu")


def pretend_cuda(monkeypatch: pytest.MonkeyPatch, count: int, capability: tuple[int, int]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)


def test_a_device_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_cuda(monkeypatch, 2, (8, 0))

    assert choose_device("cpu") == CPU
    assert choose_device("cuda") == torch.device("cuda:0")
    assert choose_device(" CUDA:1 ") == torch.device("cuda:1")
    assert choose_device(torch.device("cuda:1")) == torch.device("cuda:1")


def test_auto_takes_the_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    pretend_cuda(monkeypatch, 1, (8, 0))
    assert choose_device() == torch.device("cuda:0")

    pretend_cuda(monkeypatch, 0, (8, 0))
    assert choose_device() == CPU

    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device() == torch.device("mps")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:one", "", "cpu,cuda"])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown device {name!r}; choose auto, cpu"):
        choose_device(name)


def test_a_missing_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    pretend_cuda(monkeypatch, 0, (8, 0))
    with pytest.raises(ConfigurationError, match="no CUDA device was found"):
        choose_device("cuda")
    with pytest.raises(ConfigurationError, match="no MPS device was found"):
        choose_device("mps")

    pretend_cuda(monkeypatch, 2, (8, 0))
    with pytest.raises(ConfigurationError, match=r"no device cuda:7; this machine has 2, cuda:0"):
        choose_device("cuda:7")


@pytest.mark.parametrize(
    ("capability", "dtype"),
    [((9, 0), torch.bfloat16), ((8, 0), torch.bfloat16), ((7, 5), torch.float16), ((6, 1), None)],
)
def test_half_precision_is_used_where_the_gpu_is_made_for_it(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], dtype: torch.dtype | None
) -> None:
    pretend_cuda(monkeypatch, 1, capability)

    assert autocast_dtype(torch.device("cuda:0")) is dtype


@pytest.mark.parametrize("enabled", [True, False])
def test_the_cpu_computes_in_float32(enabled: bool) -> None:
    layer = torch.nn.Linear(2, 2)
    with autocast(CPU, enabled):
        assert layer(torch.ones(1, 2)).dtype == torch.float32
    assert autocast_dtype(CPU) is None


def test_the_description_names_the_device() -> None:
    assert describe_device(CPU).startswith("CPU with ")
    assert describe_device(torch.device("mps")) == "Apple GPU, mps"


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (torch.OutOfMemoryError("anything"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9.07 GB)"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), True),
        (RuntimeError("Given groups=1, weight of size [16, 19, 3, 3], expected input"), False),
    ],
)
def test_a_short_memory_is_known_by_what_each_device_raises(
    error: RuntimeError, short: bool
) -> None:
    assert is_out_of_memory(error) is short


def test_what_does_not_fit_is_made_on_the_cpu() -> None:
    def make(device: torch.device) -> torch.device:
        if device.type == "cuda":
            raise torch.OutOfMemoryError
        return device

    assert where_it_fits(torch.device("cuda"), make) == CPU
    assert where_it_fits(torch.device("mps"), make) == torch.device("mps")


def test_other_errors_are_not_hidden_by_the_cpu() -> None:
    def make(device: torch.device) -> None:
        raise RuntimeError(f"no kernel for {device}")

    with pytest.raises(RuntimeError, match="no kernel for cuda"):
        where_it_fits(torch.device("cuda"), make)


def test_a_short_memory_is_said_in_one_sentence_and_other_errors_are_not() -> None:
    with (
        pytest.raises(SaimError, match="close other programs"),
        short_memory_said("the memory is too small; close other programs"),
    ):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
    with pytest.raises(RuntimeError, match="CUDA error"), short_memory_said("too small"):
        raise RuntimeError("CUDA error")
