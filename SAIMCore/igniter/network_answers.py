"""What a network made elsewhere answers, checked against its description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from SAIMCore.device import is_out_of_memory
from SAIMCore.errors import CheckpointError, SaimError, reason_of
from SAIMCore.igniter.description import IgniterDescription

__all__ = ["LoadedNetwork", "NetworkAnswers", "refuse_non_numbers"]

# How far the sum of the probabilities may be from 1 (half precision, quantization).
_SUM_TOLERANCE = 0.02


class LoadedNetwork(Protocol):
    """The network in a file."""

    @property
    def device(self) -> torch.device:
        """Where its input must lie."""

    @property
    def module(self) -> nn.Module | None:
        """The network with weights that can change; None where there are none."""

    @property
    def largest_batch(self) -> int | None:
        """How many images it takes at once, None: any number."""

    def run(self, images: Tensor) -> Tensor:
        """Its one output for ``images`` (B, channels, ...), without gradients.

        Raises RuntimeError when it does not take them.
        """


def refuse_non_numbers(probabilities: Tensor, name: str) -> None:
    """Raise CheckpointError when an answer of the igniter ``name`` has a NaN or infinite value."""
    # A single value that is no number makes the sum one too.
    if not torch.isfinite(probabilities.sum()):
        raise CheckpointError(
            f"the igniter {name} answers with values that are no numbers (NaN or infinite); check "
            "its normalization, or use another model"
        )


class NetworkAnswers:
    """Probabilities from the network in the file ``path``, as ``description`` says.

    Every difference between the two raises CheckpointError naming both.
    """

    def __init__(self, path: Path, description: IgniterDescription, network: LoadedNetwork) -> None:
        self._path = path
        self._description = description
        self._network = network

    def probabilities(self, images: Tensor) -> Tensor:
        """(B, N', ...) float32 on the CPU, of ``images`` (B, ...) of the network's size.

        Raises SaimError when the memory does not suffice.
        """
        channels = self.with_channels(images).to(self._network.device)
        with self._reason_said(channels.shape):
            answer = self._network.run(channels)
        found = self.of_answer(answer, images.shape).cpu()
        refuse_non_numbers(found, self._path.name)
        return found

    def passing_gradients(self, module: nn.Module, channels: Tensor) -> Tensor:
        """(B, N', ...) float32 from ``module`` itself, which lies where ``channels`` do.

        channels: (B, channels, ...). Raises SaimError when the memory does not suffice.
        """
        with self._reason_said(channels.shape):
            answer = module(channels)
        return self.of_answer(answer, (len(channels), *channels.shape[2:]))

    def with_channels(self, images: Tensor) -> Tensor:
        """``images`` (B, ...) as the network's input (B, channels, ...)."""
        spread = [-1] * images.ndim
        return images.unsqueeze(1).expand(spread[0], self._description.channels, *spread[1:])

    def of_answer(self, answer: object, images: Sequence[int]) -> Tensor:
        """Probabilities (B, N', ...) float32 from what the network said of images (B, ...).

        Gradients pass, unless the output is labels.
        """
        if not isinstance(answer, Tensor):
            raise CheckpointError(
                f"the network {self._path} answers with a {type(answer).__name__} and not with one "
                "tensor; export it so that it returns the segmentation alone"
            )
        if self._description.output == "labels":
            return self._of_labels(answer, images)
        self._check_shape(answer, (images[0], len(self._description.classes), *images[1:]))
        if self._description.output == "logits":
            return answer.float().softmax(dim=1)
        total = answer.float().sum(dim=1, keepdim=True)
        low, high = float(total.min()), float(total.max())
        if low < 1 - _SUM_TOLERANCE or high > 1 + _SUM_TOLERANCE or float(answer.min()) < 0:
            raise CheckpointError(
                f"the network {self._path} answers with probabilities of the classes that are "
                f"negative or have sums from {low:.3g} to {high:.3g} and not 1; if these are "
                f'logits, write output = "logits" in its description'
            )
        return answer.float() / total

    def _of_labels(self, answer: Tensor, images: Sequence[int]) -> Tensor:
        if answer.ndim == len(images) + 1:
            self._check_shape(answer, (images[0], 1, *images[1:]))
            answer = answer[:, 0]
        self._check_shape(answer, tuple(images))
        values = torch.tensor(self._description.label_values, device=answer.device)
        shape = [1, -1, *([1] * (answer.ndim - 1))]
        found = (answer.unsqueeze(1) == values.reshape(shape)).float()
        if not bool(found.any(dim=1).all()):
            unknown = answer[~found.any(dim=1)].flatten()[0].item()
            raise CheckpointError(
                f"the network {self._path} answers with the label {unknown:g}, which no class of "
                f"its description has ({', '.join(map(str, values.tolist()))}); correct classes "
                "and values"
            )
        return found

    def _check_shape(self, answer: Tensor, wanted: tuple[int, ...]) -> None:
        if tuple(answer.shape) == wanted:
            return
        classes = self._description.classes
        counts = self._description.output != "labels" and answer.ndim == len(wanted)
        if counts and answer.shape[1] != wanted[1]:
            raise CheckpointError(
                f"the network {self._path} answers with {answer.shape[1]} classes, but its "
                f"description has {len(classes)} ({', '.join(classes)}); correct classes"
            )
        raise CheckpointError(
            f"the network {self._path} answers with the shape {_times(answer.shape)}, but its "
            f"description asks for {_times(wanted)}; correct kind, output or input_size"
        )

    @contextmanager
    def _reason_said(self, shape: Sequence[int]) -> Iterator[None]:
        """Raise what is wrong in one sentence when the network does not take such an input."""
        try:
            yield
        # TorchScript has an error of its own, and the last quotes a file that is damaged.
        except (RuntimeError, torch.jit.Error, UnicodeDecodeError) as error:
            if isinstance(error, RuntimeError) and is_out_of_memory(error):
                raise SaimError(
                    f"the memory is too small for the network {self._path} and an input of "
                    f"{_times(shape)}; state a smaller input_size if it takes one, or run it on "
                    "the CPU"
                ) from error
            raise CheckpointError(
                f"the network {self._path} does not take an input of {_times(shape)} "
                f"({reason_of(error)}); correct kind, input_size, multiple or channels in its "
                "description"
            ) from error


def _times(shape: Sequence[int]) -> str:
    return " x ".join(str(side) for side in shape)
