"""One training on several processes (torchrun, accelerate), or on one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn

from SAIMCore.errors import ConfigurationError

__all__ = ["Processes", "process_group"]


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
def process_group() -> Iterator[Processes]:
    """Join the processes that torchrun or accelerate started, if any did.

    They say so in the environment variables RANK, WORLD_SIZE and LOCAL_RANK.
    """
    try:
        count = int(os.environ.get("WORLD_SIZE", "1"))
        rank = int(os.environ.get("RANK", "0"))
        local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    except ValueError as error:
        raise ConfigurationError(
            f"RANK, WORLD_SIZE or LOCAL_RANK is no whole number ({error}); start the training "
            "with torchrun or without these variables"
        ) from error
    if count == 1:
        yield Processes()
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield Processes(rank, count, local_rank)
    finally:
        distributed.destroy_process_group()
