"""A trained model that answers: image slices and memories in, class probabilities out."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.checkpoint import ModelConfig, load_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.conditioning.inference import ConditioningOptions, conditioned_answer
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.device import (
    CPU,
    autocast,
    choose_device,
    is_out_of_memory,
    short_memory_said,
    where_it_fits,
)
from SAIMCore.errors import CheckpointError, SaimError
from SAIMCore.memory import InteractionMemory
from SAIMCore.networks.config import SIZE_MULTIPLE
from SAIMCore.networks.factory import create_network

__all__ = ["Predictor"]

_log = logging.getLogger(__name__)

# After so many answers on the CPU a GPU whose memory was short is tried again (a training on it
# may have ended by then); after each attempt that fails, twice as many.
RETRY_AFTER = 8


class Predictor:
    """Runs ``network`` for inference, with all that ``config`` says about it.

    The network is moved to ``device`` and put into evaluation mode. When a GPU's memory does not
    suffice, batches are split, and when not even one slice fits, the CPU goes on until the GPU,
    tried again from time to time, has memory; ``warn`` gets a sentence for each of these
    (default: the log).

    One thread at a time may use a predictor.
    """

    def __init__(
        self,
        network: nn.Module,
        config: ModelConfig,
        device: str | torch.device = "auto",
        warn: Callable[[str], None] = _log.warning,
    ) -> None:
        self._config = config
        self._wanted = choose_device(device)
        self._network = network.eval()
        self._memory = config.network.memory
        self._warn = warn
        self._answers_left = self._patience = RETRY_AFTER
        self._largest_batch: int | None = None
        self._begin_on_gpu()

    @classmethod
    def load(
        cls,
        folder: Path,
        device: str | torch.device = "auto",
        expected_classes: ClassTable | None = None,
    ) -> Predictor:
        """The predictor of the checkpoint in ``folder``.

        Raises CheckpointError as ``load_checkpoint`` does, ConfigurationError for a device that
        does not exist.
        """
        network, config = load_checkpoint(folder, expected_classes)
        return cls(network, config, device)

    @property
    def device(self) -> torch.device:
        """Where the network is now; it changes when a GPU's memory does not suffice."""
        return self._device

    @property
    def config(self) -> ModelConfig:
        return self._config

    @property
    def classes(self) -> ClassTable:
        return self._config.classes

    @property
    def preprocessing(self) -> PreprocessingOptions:
        """How the slices that it is shown must be prepared."""
        return self._config.preprocessing

    @property
    def num_classes(self) -> int:
        """N, background included."""
        return len(self._config.classes)

    @property
    def memory(self) -> InteractionMemory:
        """The memory that lays out the network's input."""
        return self._memory

    @property
    def version(self) -> str:
        """Name of the model."""
        return self._config.version

    def input_shape(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns to which a slice is padded for the network.

        Multiples of 32, at least the size that the network was trained at.
        """
        return self._padded(height), self._padded(width)

    def _padded(self, length: int) -> int:
        multiple = -(-length // SIZE_MULTIPLE) * SIZE_MULTIPLE
        return max(multiple, self._config.size)

    def pad(self, slices: Tensor) -> Tensor:
        """Slices (B, h, w) as network input (B, 1, H, W): float32, 0 beside them.

        On the device, or on the CPU where its memory does not suffice.
        """
        count, height, width = slices.shape

        def padded(device: torch.device) -> Tensor:
            image = torch.zeros(count, 1, *self.input_shape(height, width), device=device)
            # Converted over there: half as much to carry.
            image[:, 0, :height, :width] = slices.to(device, non_blocking=True)
            return image

        return where_it_fits(self._device, padded)

    def probabilities(self, image: Tensor, memory: Tensor) -> Tensor:
        """Class probabilities (B, N, H, W), float32.

        ``image`` is (B, 1, H, W), padded; ``memory`` is (B, M, H, W). The answer lies on the device
        of ``image``, or on the CPU where it does not fit there.

        Raises CheckpointError when the network answers with something that is no number, and
        SaimError when not even the CPU has memory for a single slice.
        """
        answer = self._answer(image, memory)
        # A single value that is no number makes the sum one too.
        self._check(answer.sum())
        return answer

    def conditioned(
        self, image: Tensor, memory: Tensor, targets: Tensor, options: ConditioningOptions
    ) -> Tensor:
        """Class probabilities (1, N, h, w), float32, that agree with ``targets`` where possible.

        ``image`` is (1, 1, H, W), ``memory`` (1, M, H, W). targets: (h, w) class indices, without
        the padding, ``FREE`` where nothing is demanded. The network is the same afterwards
        (``conditioned_answer``).

        Raises CheckpointError like ``probabilities``, ConfigurationError for layers that cannot be
        trained, and SaimError when the memory does not suffice for the gradients.
        """
        height, width = targets.shape
        inputs = (image.to(self._device), memory.to(self._device))
        with short_memory_said(
            "the memory is too small to make the model agree with your interactions; close other "
            "programs, or switch it off"
        ):
            found = conditioned_answer(
                self._running,
                inputs,
                targets.to(self._device),
                options,
                lambda *given: self._running(*given)[0, :, :height, :width],
            )
        answer: Tensor = found.logits.softmax(dim=0)
        return answer[None].to(image.device)

    def _answer(self, image: Tensor, memory: Tensor | None) -> Tensor:
        """``probabilities``, unchecked: on a GPU nothing waits for the answer to be there.

        Without ``memory`` it is empty.
        """
        self._return_to_gpu()
        while True:
            try:
                return self._in_parts(image, memory)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                size = min(len(image), self._largest_batch or len(image))
                if size == 1 and self._device == CPU:
                    height, width = image.shape[2:]
                    raise SaimError(
                        f"the memory is too small for a single slice of {height} x {width} "
                        "pixels; close other programs, or use a model with a smaller encoder"
                    ) from error
            # Only here, outside the handler, are the tensors of the failed attempt free.
            self._take_less_memory(size)

    def _in_parts(self, image: Tensor, memory: Tensor | None) -> Tensor:
        size = self._largest_batch or len(image)
        places = [slice(start, start + size) for start in range(0, len(image), size)]
        parts = [
            self._forward(image[part], self._empty(image[part]) if memory is None else memory[part])
            for part in places
        ]
        answer = parts[0] if len(parts) == 1 else torch.cat(parts)
        return where_it_fits(image.device, answer.to)

    def _empty(self, image: Tensor) -> Tensor:
        """One 0 that stands for all: half a gigabyte of them at 512 x 512 would take time to fill.

        Made where the network is now: to move it would be to fill it.
        """
        shape = (len(image), self._memory.channels, *image.shape[2:])
        return torch.zeros(1, 1, 1, 1, device=self._device).expand(shape)

    @torch.inference_mode()
    def _forward(self, image: Tensor, memory: Tensor) -> Tensor:
        with autocast(self._device):
            logits = self._running(image.to(self._device), memory.to(self._device))
        answer: Tensor = logits.float().softmax(dim=1)
        return answer

    def _check(self, total: Tensor) -> None:
        if not math.isfinite(total.item()):
            raise CheckpointError(
                f"the model {self.version} answers with values that are no numbers; its training "
                "diverged or its weights are damaged, so restore an earlier model"
            )

    def _take_less_memory(self, size: int) -> None:
        """Go on after ``size`` slices at once were too many."""
        torch.cuda.empty_cache()
        if size > 1:
            self._largest_batch = size // 2
            self._warn(
                f"The memory is too small for {size} slices at once: going on with "
                f"{self._largest_batch}."
            )
            return
        self._warn("The GPU's memory is too small for a single slice: going on on the CPU.")
        # A copy, for the network may still be in training on the GPU.
        weights = {name: value.cpu() for name, value in self._network.state_dict().items()}
        self._run_on(CPU, create_network(self._config.network, weights).eval())

    def _begin_on_gpu(self) -> None:
        """Run the network where it is wanted, or on the CPU where it does not fit there."""
        try:
            self._run_on(self._wanted, self._network.to(self._wanted))
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            # Some of the weights may be over there already.
            self._run_on(CPU, self._network.to(CPU))
            self._warn("The GPU's memory is too small for the model: going on on the CPU.")

    def _run_on(self, device: torch.device, network: nn.Module) -> None:
        self._device, self._running, self._largest_batch = device, network, None

    def _return_to_gpu(self) -> None:
        """Try the GPU again when the CPU has stood in for it long enough."""
        if self._device == self._wanted:
            return
        if self._answers_left:
            self._answers_left -= 1
            return
        self._patience *= 2
        self._answers_left = self._patience
        self._warn("Trying the GPU again, whose memory was too small before.")
        self._begin_on_gpu()

    def automatic(self, slices: NDArray[Any], batch_size: int) -> Iterator[Tensor]:
        """Segment a stack (S, h, w) without interactions.

        Yields probabilities (b, N, h, w), float32, on the device, in the order of the slices,
        ``batch_size`` at a time. The stack may be a memory map: the next batch is read while the
        network is busy, and on a GPU nothing waits for an answer until somebody looks at it.
        (``saim bench rank`` compares this with the bare network.)

        Raises CheckpointError after the last batch when the network answers with something that
        is no number.
        """
        _, height, width = slices.shape
        total = torch.zeros((), device=self._device)
        for batch in _read_ahead(slices, batch_size, self._device):
            answer = self._answer(self.pad(batch), None)
            total = total + answer.sum().to(total.device)
            yield answer[:, :, :height, :width]
        self._check(total)


def _read_ahead(slices: NDArray[Any], batch_size: int, device: torch.device) -> Iterator[Tensor]:
    """Batches of ``slices`` in memory, each read while the one before it is being used.

    They lie where ``device`` can fetch them by itself.
    """

    def read(start: int) -> Tensor:
        batch = torch.from_numpy(np.array(slices[start : start + batch_size]))
        return batch.pin_memory() if device.type == "cuda" else batch

    with ThreadPoolExecutor(max_workers=1) as reader:
        upcoming = reader.submit(read, 0)
        for start in range(batch_size, len(slices) + batch_size, batch_size):
            batch = upcoming.result()
            if start < len(slices):
                upcoming = reader.submit(read, start)
            yield batch
