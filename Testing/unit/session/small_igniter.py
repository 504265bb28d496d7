"""Igniters that do what the contract says and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import Volume
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.igniter.proposer import IgniterSeries, TrainableSlices, go_on, tell_nobody
from SAIMCore.session.igniter_model import IgniterModel
from Testing.unit.session.conftest import NAMES

__all__ = ["SmallIgniter", "igniter_model", "mapped_igniter"]

THEIRS = ("background", "organ", "lesion")


class SmallIgniter:
    """Two seeded convolutions on each slice; ``asked`` counts the slices that were proposed.

    trains: whether it can be trained. knows: whether it has proposals at all.
    """

    class_names = THEIRS
    name = "small"

    def __init__(self, trains: bool = True, knows: bool = True, seed: int = 0) -> None:
        torch.manual_seed(seed)
        layers = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1)]
        self.network: nn.Module = nn.Sequential(*layers).eval()
        self.version = f"content {seed}"
        self.trains = trains
        self.knows = knows
        self.asked = 0

    def no_proposal(self, name: str) -> str | None:
        return None if self.knows else f"there is no labelmap of {name!r}"

    @torch.no_grad()
    def propose(
        self,
        series: IgniterSeries,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, Tensor]]:
        stack = series.intensities()
        # From the last slice on: any order will do.
        for done, index in enumerate(reversed(range(len(stack) if self.knows else 0)), start=1):
            self.asked += 1
            image = torch.from_numpy(stack[index])[None, None]
            yield index, self.network(image)[0].softmax(dim=0)
            progress(done, len(stack))
            if should_stop():
                return

    def trainable(self, series: IgniterSeries) -> TrainableSlices | None:
        return _Slices(self.network, series) if self.trains else None


class _Slices:
    layers = ()

    def __init__(self, network: nn.Module, series: IgniterSeries) -> None:
        self.network = network
        self._stack = series.intensities()

    def inputs(self, index: int) -> tuple[Tensor, ...]:
        return (torch.from_numpy(self._stack[index])[None, None],)

    def logits(self, *inputs: Tensor) -> Tensor:
        answer: Tensor = self.network(*inputs)
        return answer[0]


def mapped_igniter(
    igniter: SmallIgniter, mapping: str = "organ=liver,lesion=tumor", names: tuple = NAMES
) -> MappedIgniter:
    return MappedIgniter(igniter, ClassMapping.from_text(mapping), ClassTable.from_names(names))


def igniter_series(slices: NDArray[np.float16], name: str = "a") -> IgniterSeries:
    """The series of which these are the slices."""
    count, height, width = slices.shape
    geometry = Geometry(
        (width, height, count), (1.0, 1.0, 3.0), (0.0, 0.0, 0.0), tuple(np.eye(3).ravel())
    )
    return IgniterSeries.of(name, Volume(slices.astype(np.float32), geometry))


def igniter_model(
    slices: NDArray[np.float16], igniter: SmallIgniter | None = None, **mapping: object
) -> IgniterModel:
    """What answers in a session of ``slices``."""
    found = mapped_igniter(igniter or SmallIgniter(), **mapping)
    return IgniterModel(found, igniter_series(slices))
