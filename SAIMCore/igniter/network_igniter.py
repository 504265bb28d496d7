"""A network from a file as an igniter, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.conditioning.trained_layers import trained_modules
from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.dry_run import batch_after_dry_run
from SAIMCore.igniter.network_answers import LoadedNetwork, NetworkAnswers
from SAIMCore.igniter.normalization import Scaling
from SAIMCore.igniter.proposer import IgniterSeries, TrainableSlices, go_on, tell_nobody
from SAIMCore.igniter.resampling import IgniterGrid
from SAIMCore.igniter.windows import Windows

__all__ = ["NetworkIgniter"]

# Below it the logarithm of a probability is no number.
_SMALLEST = float(torch.finfo(torch.float32).tiny)


class _StoppedError(Exception):
    """The user wants no more."""


class NetworkIgniter:
    """The network in ``path``: description, series' grid, windows and network put together.

    A network for slices gets them in batches, and no more than a few are held; one for volumes
    gets the whole series on its own grid, window by window.

    Raises CheckpointError when the network and its description do not agree, ConfigurationError
    when layers are to be trained that it does not have.
    """

    def __init__(
        self, path: Path, version: str, description: IgniterDescription, network: LoadedNetwork
    ) -> None:
        self.name = path.name
        self.version = version
        self.class_names = description.classes
        self._description = description
        self._network = network
        self._answers = NetworkAnswers(path, description, network)
        self._batch = batch_after_dry_run(self._answers, description, network)
        if description.trained_layers:
            _check_layers(path, description, network.module)

    def no_proposal(self, name: str) -> str | None:
        return None

    def propose(
        self,
        series: IgniterSeries,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, Tensor]]:
        view = _SeriesView(series, self._description)

        def advance(done: int, total: int) -> None:
            progress(done, total)
            if should_stop() and done < total:
                raise _StoppedError

        planes = self._planes if self._description.kind == "2d" else self._planes_of_volume
        try:
            yield from view.grid.slices_back(planes(view, advance))
        except _StoppedError:
            return

    def trainable(self, series: IgniterSeries) -> TrainableSlices | None:
        module = self._network.module
        if self._description.kind == "3d" or self._description.output == "labels" or module is None:
            return None
        view = _SeriesView(series, self._description)
        if not view.grid.has_series_slices:
            return None
        layers = self._description.trained_layers
        device = self._network.device
        return _NetworkSlices(module, view, self._answers, device, layers, self._batch)

    def _planes(self, view: _SeriesView, advance: Callable[[int, int], None]) -> Iterator[Tensor]:
        """Probabilities (N', rows, columns) of each slice of the grid, some at a time."""
        windows, total = view.plane_windows, view.grid.shape[0]
        together = max(1, self._batch // windows.count)
        for start in range(0, total, together):
            places = range(start, min(start + together, total))
            cut = torch.cat([view.plane_input(place) for place in places])
            answers = torch.cat(
                [self._answers.probabilities(part) for part in cut.split(self._batch)]
            )
            for answer in answers.split(windows.count):
                yield windows.joined(answer)
            advance(places.stop, total)

    def _planes_of_volume(
        self, view: _SeriesView, advance: Callable[[int, int], None]
    ) -> Iterator[Tensor]:
        windows, done = view.volume_windows, 0

        def run(window: Tensor) -> Tensor:
            nonlocal done
            answer = self._answers.probabilities(window)
            done += 1
            advance(done, windows.count)
            return answer

        return windows.slices(view.volume_input(), self._description.padding_value, run)


def _check_layers(path: Path, description: IgniterDescription, module: nn.Module | None) -> None:
    if module is None or description.kind == "3d" or description.output == "labels":
        raise ConfigurationError(
            f"the description of {path} names trained_layers, but nothing of this network can be "
            "trained for a slice (a network for volumes, one that answers with labels, ONNX, a "
            "frozen file); remove it"
        )
    try:
        trained_modules(module, description.trained_layers)
    except ConfigurationError as error:
        raise ConfigurationError(f"trained_layers in the description of {path}: {error}") from error


class _SeriesView:
    """A series as a network sees it: on its grid, normalized, in windows."""

    def __init__(self, series: IgniterSeries, description: IgniterDescription) -> None:
        spacing = description.spacing
        steps = (None,) * 3 if spacing is None else ((None,) * (3 - len(spacing))) + spacing
        self.grid = IgniterGrid.over(series.geometry, description.orientation, steps)
        intensities = series.intensities()
        self._ordered: NDArray[np.float32] = self.grid.ordered(intensities)
        self._scaling: Scaling = description.normalization.scaling(intensities)
        self._description = description

    @property
    def plane_windows(self) -> Windows:
        return self._windows(self.grid.shape[1:])

    @property
    def volume_windows(self) -> Windows:
        return self._windows(self.grid.shape)

    def plane_input(self, place: int) -> Tensor:
        """All windows (count, rows, columns) of slice ``place`` of the grid."""
        plane = torch.from_numpy(np.ascontiguousarray(self._scaling.apply(self._ordered[place])))
        return self.plane_windows.cut(self.grid.plane_there(plane), self._description.padding_value)

    def volume_input(self) -> Tensor:
        """The whole series (slices, rows, columns) on the grid."""
        scaled = self._scaling.apply(self._ordered)
        return self.grid.volume_there(torch.from_numpy(np.ascontiguousarray(scaled)))

    def _windows(self, shape: tuple[int, ...]) -> Windows:
        return Windows.covering(shape, self._description.input_size, self._description.multiple)


class _NetworkSlices:
    """``TrainableSlices`` of a network for slices, which gets ``batch`` windows at once."""

    def __init__(
        self,
        network: nn.Module,
        view: _SeriesView,
        answers: NetworkAnswers,
        device: torch.device,
        layers: tuple[str, ...],
        batch: int,
    ) -> None:
        self.network = network
        self.layers = layers
        self._batch = batch
        self._view = view
        self._answers = answers
        self._device = device

    def inputs(self, index: int) -> tuple[Tensor, ...]:
        windows = self._view.plane_input(self._view.grid.place_of(index))
        return (self._answers.with_channels(windows).to(self._device),)

    def logits(self, *inputs: Tensor) -> Tensor:
        (windows,) = inputs
        answers = [
            self._answers.passing_gradients(self.network, part)
            for part in windows.split(self._batch)
        ]
        probabilities = self._view.plane_windows.joined(torch.cat(answers))
        return self._view.grid.slice_back(probabilities).clamp_min(_SMALLEST).log()
