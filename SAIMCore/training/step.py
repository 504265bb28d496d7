"""One optimizer step: simulated interactions, forward, loss, backward, update."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from SAIMCore.device import autocast, autocast_dtype, is_out_of_memory
from SAIMCore.errors import TrainingError
from SAIMCore.training.dataset import TrainingBatch
from SAIMCore.training.generation import DataGeneration
from SAIMCore.training.processes import Processes

__all__ = ["TrainingStep", "create_optimizer"]


def create_optimizer(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """Adam with standard parameters (DDG-SIM, section 5.1.3)."""
    # Fused: the 24 million weights of a ResNet34 U-Net take 55 instead of 120 ms on a CPU core.
    return torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True)


class TrainingStep:
    """Runs batches through ``network`` and updates it.

    When a GPU's memory does not suffice, the batch is split and the gradients are accumulated;
    when not even one slice fits, the training goes on on the CPU. ``warn`` gets a sentence for
    each of these. Of several processes none can do so alone, for the others would wait for its
    part of the gradient forever: there a short memory ends the training.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: nn.Module,
        optimizer: torch.optim.Optimizer,
        generation: DataGeneration,
        device: torch.device,
        *,
        micro_batch: int | None = None,
        mixed_precision: bool = True,
        processes: Processes | None = None,
        warn: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.device = device
        self.micro_batch = micro_batch
        self._network = network
        self._loss = loss
        self._optimizer = optimizer
        self._generation = generation
        self._mixed_precision = mixed_precision
        self._processes = processes or Processes()
        self._warn = warn
        self._trained = self._processes.wrap(network, device)
        half = mixed_precision and autocast_dtype(device) is torch.float16
        self._scaler = torch.amp.GradScaler(device.type, enabled=half)

    def state(self) -> dict[str, Any]:
        """What must be saved to go on exactly here (JSON-able)."""
        return {"micro_batch": self.micro_batch, "scaler": self._scaler.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` returned."""
        self.micro_batch = state["micro_batch"]
        if state["scaler"]:
            # Nothing was saved where no scaling was needed: on the CPU, or with bfloat16.
            self._scaler.load_state_dict(state["scaler"])

    def run(self, batch: TrainingBatch) -> float:
        """Do one step; returns the loss, averaged over the processes.

        Raises TrainingError when the loss is no number, or the memory too small on every device,
        or on one of several processes.
        """
        while True:
            try:
                loss = self._attempt(batch)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
            else:
                return self._processes.mean(loss)
            # Only here, outside the handler, are the tensors of the failed attempt free.
            self._optimizer.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            self._take_less_memory(len(batch))

    def _attempt(self, batch: TrainingBatch) -> float:
        self._optimizer.zero_grad(set_to_none=True)
        # Encoders that drop paths draw from torch's own generator, which is no part of the state:
        # seeded by the visit, a step is the same after a resume and after a short memory.
        torch.manual_seed(int(np.random.default_rng((*batch.visits[0].key, 3)).integers(2**63)))
        size = self.micro_batch or len(batch)
        total = 0.0
        for start in range(0, len(batch), size):
            part = batch.part(start, min(start + size, len(batch)))
            total += self._accumulate(part, len(part) / len(batch))
        if not math.isfinite(total):
            raise TrainingError(f"the loss became {total}; train with a lower learning rate")
        self._scaler.step(self._optimizer)
        self._scaler.update()
        return total

    def _accumulate(self, part: TrainingBatch, share: float) -> float:
        """Add the gradient of ``part``, which is ``share`` of the batch; returns its loss."""
        part.images = part.images.to(self.device, non_blocking=True)
        memory = self._generation.generate(part, self.answer)
        with autocast(self.device, self._mixed_precision):
            logits = self._trained(part.images, memory)
        loss = self._loss(logits, part.labels.to(self.device, non_blocking=True)) * share
        self._scaler.scale(loss).backward()
        return float(loss.detach())

    def answer(self, images: Tensor, memory: Tensor) -> Tensor:
        """Probabilities (B, N, H, W) with fixed weights, as the deployed predictor gives them.

        In evaluation mode, so that the rounds that fill the memory do not enter the running
        statistics of the normalization (Testing/benchmarks/RESULTS.md has the measured effect).
        """
        self._network.eval()
        try:
            with torch.no_grad(), autocast(self.device, self._mixed_precision):
                probabilities: Tensor = self._network(images, memory).float().softmax(dim=1)
        finally:
            # Also when the memory is too short: the next attempt is to train, too.
            self._network.train()
        return probabilities

    def _take_less_memory(self, batch_size: int) -> None:
        size = min(self.micro_batch or batch_size, batch_size)
        if self._processes.count > 1:
            raise TrainingError(
                f"the memory of process {self._processes.rank + 1} of {self._processes.count} is "
                f"too small for {size} slices at once; train with a smaller micro_batch or "
                "batch_size, a smaller size or another encoder"
            )
        if size > 1:
            self.micro_batch = size // 2
            self._warn(
                "the GPU's memory is too small for this batch: going on with parts of "
                f"{self.micro_batch} slices and accumulated gradients"
            )
        elif self.device.type != "cpu":
            self._move_to_cpu()
            self._warn("the GPU's memory is too small for a single slice: going on on the CPU")
        else:
            raise TrainingError(
                "the memory is too small for a single slice; train with a smaller size or encoder"
            )

    def _move_to_cpu(self) -> None:
        self.device = torch.device("cpu")
        self._network.to(self.device)
        self._loss.to(self.device)
        self._trained = self._network
        self._scaler = torch.amp.GradScaler("cpu", enabled=False)
        for moments in self._optimizer.state.values():
            for name, value in moments.items():
                if isinstance(value, Tensor):
                    moments[name] = value.to(self.device)
