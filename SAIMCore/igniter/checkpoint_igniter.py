"""A model of SAIM, trained elsewhere, as an igniter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from SAIMCore.checkpoint import CONFIG_FILE, WEIGHTS_FILE, load_checkpoint
from SAIMCore.data.contents import content_digest
from SAIMCore.errors import CheckpointError, ConfigurationError
from SAIMCore.igniter.network_answers import refuse_non_numbers
from SAIMCore.igniter.proposer import IgniterSeries, TrainableSlices, go_on, tell_nobody
from SAIMCore.predictor import Predictor

__all__ = ["CheckpointIgniter", "is_checkpoint", "open_checkpoint"]

_BATCH = 8
# So does a project (SAIMCore.project.settings), which is in a layer above this one.
_PROJECT_FILE = "project.toml"


def is_checkpoint(path: Path) -> bool:
    """Whether ``path`` is the folder of a model or of a project, or a file in a model's folder."""
    if path.is_dir():
        return (path / CONFIG_FILE).is_file() or (path / _PROJECT_FILE).is_file()
    return path.name in (CONFIG_FILE, WEIGHTS_FILE)


def open_checkpoint(
    path: Path, device: str | torch.device = "auto", description: Path | None = None
) -> CheckpointIgniter:
    """The model in the folder ``path``; it describes itself.

    Raises CheckpointError as ``load_checkpoint`` does, and for the folder of a project, which may
    have many models; ConfigurationError for a description.
    """
    folder = path if path.is_dir() else path.parent
    if description is not None:
        raise ConfigurationError(
            f"the model of SAIM in {folder} says itself what it wants; leave the description "
            f"{description} out"
        )
    if not (folder / CONFIG_FILE).is_file() and (folder / _PROJECT_FILE).is_file():
        raise CheckpointError(
            f"{folder} is a project; give the folder of one of its models, such as "
            f"{folder / 'models' / 'round-001'}"
        )
    return CheckpointIgniter(folder, device)


class CheckpointIgniter:
    """The model in ``folder``, without interactions."""

    def __init__(self, folder: Path, device: str | torch.device = "auto") -> None:
        network, config = load_checkpoint(folder)
        self._predictor = Predictor(network, config, device)
        self._network = network
        self.name = config.version
        self.version = content_digest([folder / CONFIG_FILE, folder / WEIGHTS_FILE])
        self.class_names = config.classes.names

    def no_proposal(self, name: str) -> str | None:
        return None

    def propose(
        self,
        series: IgniterSeries,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, Tensor]]:
        slices = series.slices(self._predictor.preprocessing)
        done = 0
        for batch in self._predictor.automatic(slices, _BATCH):
            refuse_non_numbers(batch, self.name)
            yield from enumerate(batch.cpu(), start=done)
            done += len(batch)
            progress(done, len(slices))
            if should_stop():
                return

    def trainable(self, series: IgniterSeries) -> TrainableSlices:
        return _CheckpointSlices(self._network, self._predictor, series)


class _CheckpointSlices:
    """``TrainableSlices`` of a model of SAIM: the image with an empty memory."""

    layers = ()

    def __init__(self, network: nn.Module, predictor: Predictor, series: IgniterSeries) -> None:
        self.network = network
        self._predictor = predictor
        self._slices = series.slices(predictor.preprocessing)

    def inputs(self, index: int) -> tuple[Tensor, ...]:
        # Not the predictor's device: where a GPU's memory is short, it runs a copy on the CPU.
        device = next(self.network.parameters()).device
        image = self._predictor.pad(torch.from_numpy(np.array(self._slices[index : index + 1])))
        memory = torch.zeros(1, self._predictor.memory.channels, *image.shape[2:], device=device)
        return image.to(device), memory

    def logits(self, *inputs: Tensor) -> Tensor:
        _, height, width = self._slices.shape
        answer: Tensor = self.network(*inputs)
        return answer[0, :, :height, :width]
