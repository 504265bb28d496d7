"""What every igniter offers, and what it gets to see of a series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.data.reading import Volume

__all__ = ["Igniter", "IgniterSeries", "TrainableSlices", "go_on", "tell_nobody"]


def tell_nobody(done: int, total: int) -> None:
    """Drop how far a proposal is."""


def go_on() -> bool:
    """Never stop a proposal."""
    return False


@dataclass(frozen=True)
class IgniterSeries:
    """A series for which labels are proposed.

    name: its own, which labelmaps made elsewhere have, too. intensities: reads them (K, J, I) when
    an igniter looks at the image. prepared: where a cache has them, reads the normalized slices
    (S, h, w) for a network of SAIM; None: they are made from the intensities.
    """

    name: str
    geometry: Geometry
    intensities: Callable[[], NDArray[np.float32]]
    prepared: Callable[[PreprocessingOptions], NDArray[Any]] | None = None

    @classmethod
    def of(cls, name: str, volume: Volume) -> IgniterSeries:
        """The series ``name`` that is in memory."""
        return cls(name, volume.geometry, lambda: volume.array)

    def slices(self, options: PreprocessingOptions) -> NDArray[Any]:
        """The stack (S, h, w) as a network of SAIM that was trained with ``options`` gets it."""
        if self.prepared is not None:
            return self.prepared(options)
        values = preprocess(self.intensities(), options, self.geometry.spacing)
        return to_slices(values, self.geometry.acquisition_axis)


class TrainableSlices(Protocol):
    """The slices of one series for scribble-conditioned inference on an igniter's own network.

    ``conditioned_answer(found.network, found.inputs(index), targets, options, found.logits)`` with
    targets on the slice's own pixels: what lies between them and the network is inside.
    """

    @property
    def network(self) -> nn.Module:
        """In evaluation mode."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of those that are trained; none: its last ones (``trained_modules``)."""

    def inputs(self, index: int) -> tuple[Tensor, ...]:
        """What the network gets for slice ``index``, on its device."""

    def logits(self, *inputs: Tensor) -> Tensor:
        """The network's answer to ``inputs`` as logits (N', h, w) on the slice; gradients pass.

        Raises CheckpointError when a network made elsewhere does not take them, or its answer is
        not what its description says, and SaimError when the memory does not suffice for it.
        """


class Igniter(Protocol):
    """Something that proposes labels for a series, in classes of its own.

    One thread at a time may use an igniter.
    """

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def version(self) -> str:
        """Digest of its content: another one for other weights, labels or another description."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Its N' classes, background first."""

    def no_proposal(self, name: str) -> str | None:
        """Why there is no proposal for the series ``name``, as a sentence; None where there is."""

    def propose(
        self,
        series: IgniterSeries,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, Tensor]]:
        """Index and probabilities (N', h, w) of every slice of the series, in any order.

        Slices are those of ``SAIMCore.data.geometry.to_slices``; probabilities are float32, on the
        CPU, with the sum 1. A series without a proposal has no slices. progress: is told (steps
        done, steps in all). When ``should_stop`` ends it, the remaining slices do not come.

        Raises CheckpointError when a network answers with something that is no number or has
        another shape, InvalidLabelmapError for labels that cannot be used, and what reading the
        series raises.
        """

    def trainable(self, series: IgniterSeries) -> TrainableSlices | None:
        """The slices of ``series`` for conditioned inference; None where that is impossible.

        It needs a network in 2D that looks at the series' own slices and whose weights can change.
        """
