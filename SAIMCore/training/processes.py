"""One training on several processes (torchrun, accelerate), or on one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed, nn

from SAIMCore.device import choose_device
from SAIMCore.errors import ConfigurationError

__all__ = ["Processes", "process_group"]

# The others wait while the first process validates, which may take hours; NCCL would give up after
# 10 minutes. That one of them died is noticed by torchrun.
LONGEST_WAIT = timedelta(days=7)


@dataclass(frozen=True)
class Processes:
    """This process's place among the processes of the training."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this process reports, validates and writes files."""
        return self.rank == 0

    def device(self, wanted: str) -> torch.device:
        """Where this process trains when ``wanted`` is asked for (``choose_device``).

        Each of several processes of a machine takes a CUDA device of its own. Raises
        ConfigurationError when there are not enough, or of MPS, which cannot be shared.
        """
        chosen = choose_device(wanted)
        if self.count == 1 or chosen.type == "cpu":
            return chosen
        if chosen.type == "mps":
            raise ConfigurationError(
                f"{self.count} processes cannot train on one Apple GPU; start a single process, "
                "or choose the device cpu"
            )
        return choose_device(f"{chosen.type}:{self.local_rank}")

    def wrap(self, network: nn.Module, device: torch.device) -> nn.Module:
        """``network`` with gradients averaged over the processes."""
        if self.count == 1:
            return network
        if device.type == "cuda":
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
            return nn.parallel.DistributedDataParallel(network, device_ids=[device.index])
        return nn.parallel.DistributedDataParallel(network)

    def any(self, flag: bool) -> bool:
        """Whether ``flag`` is set on any process; all processes must ask together."""
        if self.count == 1:
            return flag
        votes = torch.tensor([int(flag)])
        if distributed.get_backend() == "nccl":
            votes = votes.cuda(self.local_rank)
        distributed.all_reduce(votes, op=distributed.ReduceOp.MAX)
        return bool(votes.item())

    def mean(self, value: float) -> float:
        """Mean of ``value`` over the processes; all processes must ask together."""
        if self.count == 1:
            return value
        total = torch.tensor([value], dtype=torch.float64)
        if distributed.get_backend() == "nccl":
            total = total.cuda(self.local_rank)
        distributed.all_reduce(total)
        return float(total.item()) / self.count

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.count > 1:
            distributed.barrier()


@contextmanager
def process_group(device: str) -> Iterator[Processes]:
    """Join the processes that torchrun or accelerate started, if any did, to train on ``device``.

    They say so in the environment variables RANK, WORLD_SIZE and LOCAL_RANK. Raises
    ConfigurationError when these are no numbers, or as ``Processes.device`` does.
    """
    processes = _announced()
    if processes.count == 1:
        yield processes
        return
    chosen = processes.device(device)
    if chosen.type == "cuda":
        # What names no device (NCCL's barrier, pinned memory) else goes to the first one.
        torch.cuda.set_device(chosen)
    backend = "nccl" if chosen.type == "cuda" else "gloo"
    distributed.init_process_group(backend, timeout=LONGEST_WAIT)
    yield processes
    # Not after an error: the others may be waiting for this process, and leaving the group would
    # wait for them. Its end is what makes torchrun end them.
    distributed.destroy_process_group()


def _announced() -> Processes:
    try:
        count = int(os.environ.get("WORLD_SIZE", "1"))
        rank = int(os.environ.get("RANK", "0"))
        local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    except ValueError as error:
        raise ConfigurationError(
            f"RANK, WORLD_SIZE or LOCAL_RANK is no whole number ({error}); start the training "
            "with torchrun or without these variables"
        ) from error
    return Processes(rank, count, local_rank) if count > 1 else Processes()
