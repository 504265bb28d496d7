"""An igniter that speaks in the classes of a project."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

from torch import Tensor, nn

from SAIMCore.classes import ClassTable
from SAIMCore.igniter.class_mapping import ClassMapping, MappedClasses
from SAIMCore.igniter.proposer import Igniter, IgniterSeries, TrainableSlices, go_on, tell_nobody

__all__ = ["IGNITER_PREFIX", "MappedIgniter"]

# No model of a project has such a name.
IGNITER_PREFIX = "igniter:"

_DIGITS = 8


class MappedIgniter:
    """``igniter`` with its classes mapped to ``classes``.

    One thread at a time may use it. Raises ConfigurationError when the mapping does not fit both.
    """

    def __init__(self, igniter: Igniter, mapping: ClassMapping, classes: ClassTable) -> None:
        self._igniter = igniter
        self._mapped = mapping.between(igniter.class_names, classes.names)
        self.classes = classes
        self.version = f"{IGNITER_PREFIX}{igniter.name}-{_digest(igniter, self._mapped)}"

    @property
    def name(self) -> str:
        """What a person calls the igniter."""
        return self._igniter.name

    @property
    def never(self) -> tuple[str, ...]:
        """The project's classes that it cannot propose."""
        return self._mapped.never

    @property
    def never_likeliest(self) -> tuple[str, ...]:
        """Those that its proposals show nowhere: another class is as likely at least."""
        return self._mapped.never_likeliest

    def no_proposal(self, name: str) -> str | None:
        """Why there is no proposal for the series ``name``, as a sentence; None where there is."""
        return self._igniter.no_proposal(name)

    def proposals(
        self,
        series: IgniterSeries,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, Tensor]]:
        """Index and probabilities (N, h, w) of every slice of the series, in any order.

        Like ``Igniter.propose``, with its errors, in the project's classes.
        """
        for index, probabilities in self._igniter.propose(series, progress, should_stop):
            yield index, self._mapped.apply(probabilities)

    def trainable(self, series: IgniterSeries) -> TrainableSlices | None:
        """The slices of ``series`` for conditioned inference, with logits in the project's classes.

        None where the igniter cannot be trained (``Igniter.trainable``).
        """
        found = self._igniter.trainable(series)
        return None if found is None else _MappedSlices(found, self._mapped)


class _MappedSlices:
    """``TrainableSlices`` whose logits are in the classes of ``mapped``."""

    def __init__(self, slices: TrainableSlices, mapped: MappedClasses) -> None:
        self._slices = slices
        self._mapped = mapped

    @property
    def network(self) -> nn.Module:
        return self._slices.network

    @property
    def layers(self) -> tuple[str, ...]:
        return self._slices.layers

    def inputs(self, index: int) -> tuple[Tensor, ...]:
        return self._slices.inputs(index)

    def logits(self, *inputs: Tensor) -> Tensor:
        return self._mapped.logits(self._slices.logits(*inputs))


def _digest(igniter: Igniter, mapped: MappedClasses) -> str:
    """Another one for another content of the igniter or another meaning of its classes."""
    text = json.dumps([igniter.version, mapped.names, mapped.shares.tolist()])
    return hashlib.blake2b(text.encode(), digest_size=_DIGITS // 2).hexdigest()
