"""Every process of a training on its own device, and a group that fits it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import torch

from SAIMCore import device as device_module
from SAIMCore.errors import ConfigurationError
from SAIMCore.training import processes as processes_module
from SAIMCore.training.processes import Processes, process_group

ONE_OF_FOUR = Processes(rank=3, count=4, local_rank=1)


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What ``process_group`` asks torch for, which does nothing, as third of four processes."""
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("LOCAL_RANK", "1")
    found: list[Any] = []
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: found.append(str(device)))
    group = processes_module.distributed

    def start(backend: str, timeout: timedelta) -> None:
        # The longest validation must be shorter.
        assert timeout >= timedelta(days=1)
        found.append(backend)

    monkeypatch.setattr(group, "init_process_group", start)
    monkeypatch.setattr(group, "destroy_process_group", lambda: found.append("end"))
    return found


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("wanted", "device"),
    [("auto", "cuda:1"), ("cuda", "cuda:1"), ("cuda:0", "cuda:1"), ("cpu",) * 2],
)
def test_each_process_takes_its_own_gpu_unless_the_cpu_is_asked_for(
    wanted: str, device: str
) -> None:
    assert ONE_OF_FOUR.device(wanted) == torch.device(device)


@pytest.mark.usefixtures("two_gpus")
def test_a_single_process_takes_what_is_asked_for() -> None:
    assert Processes().device("cuda:1") == torch.device("cuda", 1)
    assert Processes().device("auto") == torch.device("cuda", 0)


@pytest.mark.usefixtures("two_gpus")
def test_more_processes_than_gpus_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"no device cuda:2; this machine has 2"):
        Processes(rank=2, count=3, local_rank=2).device("auto")


def test_an_apple_gpu_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "_best_kind", lambda: "mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert Processes().device("auto") == torch.device("mps")
    with pytest.raises(ConfigurationError, match="choose the device cpu"):
        ONE_OF_FOUR.device("auto")


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("wanted", "expected"), [("auto", ["cuda:1", "nccl", "end"]), ("cpu", ["gloo", "end"])]
)
def test_the_group_suits_the_device_that_is_asked_for(
    calls: list[Any], wanted: str, expected: list[str]
) -> None:
    with process_group(wanted) as processes:
        assert processes == ONE_OF_FOUR
    assert calls == expected


def test_a_process_that_fails_does_not_wait_for_the_others(calls: list[Any]) -> None:
    with pytest.raises(ConfigurationError), process_group("cpu"):
        raise ConfigurationError("a training that is impossible")
    assert calls == ["gloo"]


def test_one_process_needs_no_group(calls: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "1")
    with process_group("cpu") as processes:
        assert processes == Processes()
    assert calls == []


def test_a_place_that_is_no_number_is_named(
    calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "first")
    with pytest.raises(ConfigurationError, match=r"no whole number.*'first'"), process_group("cpu"):
        pass
    assert calls == []
