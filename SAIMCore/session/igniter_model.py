"""An igniter as what answers in the session of one series, where there is no model of ours.

Methods: Ma et al., 2022, section 2.1 (the igniter network); Sambaturu et al., 2021 (its answers
made to agree with scribbles).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from SAIMCore.classes import ClassTable
from SAIMCore.conditioning.inference import ConditioningOptions, conditioned_answer
from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.conditioning.trained_layers import trained_modules
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.device import CPU, short_memory_said
from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.igniter.network_answers import refuse_non_numbers
from SAIMCore.igniter.proposer import IgniterSeries, TrainableSlices, go_on, tell_nobody
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["IgniterModel", "written"]


class IgniterModel:
    """``igniter`` on ``series``. What it has proposed is kept, for it may have taken minutes.

    preprocessing: how the slices are prepared on which marks grow. One thread at a time may use it.
    Raises what reading the series raises.
    """

    def __init__(
        self,
        igniter: MappedIgniter,
        series: IgniterSeries,
        preprocessing: PreprocessingOptions = PreprocessingOptions(),
    ) -> None:
        self._igniter = igniter
        self._series = series
        self.preprocessing = preprocessing
        self._trainable = _with_layers(igniter.trainable(series))
        self._proposed: dict[int, StoredProbabilities] = {}

    @property
    def name(self) -> str:
        """What a person calls the igniter."""
        return self._igniter.name

    @property
    def version(self) -> str:
        """That of the igniter."""
        return self._igniter.version

    @property
    def classes(self) -> ClassTable:
        return self._igniter.classes

    @property
    def trains(self) -> bool:
        """Whether its own network can be made to agree with marks.

        Not a network in 3D, a file without layers whose weights can change, labelmaps.
        """
        return self._trainable is not None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows and columns of the series."""
        return self._series.geometry.stack_shape

    @property
    def no_proposal(self) -> str | None:
        """Why there is no proposal for the series, as a sentence; None where there is."""
        return self._igniter.no_proposal(self._series.name)

    def proposals(
        self,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, StoredProbabilities]]:
        """Every slice with what the igniter says of it, (N, h, w), in any order.

        Raises what the igniter raises. When ``should_stop`` ends it, the remaining slices do not
        come.
        """
        if len(self._proposed) == self.shape[0]:
            yield from self._proposed.items()
            progress(self.shape[0], self.shape[0])
            return
        for index, probabilities in self._igniter.proposals(self._series, progress, should_stop):
            self._proposed[index] = StoredProbabilities(probabilities)
            yield index, self._proposed[index]

    def proposal(self, slice_index: int) -> StoredProbabilities | None:
        """What the igniter says of one slice, (N, h, w); None where it proposes nothing.

        A network that looks at volumes is asked for all slices once. Raises what it raises.
        """
        if slice_index not in self._proposed and self._trainable is not None:
            answer = self._answer_alone(self._trainable, slice_index)
            self._proposed[slice_index] = StoredProbabilities(answer)
        if slice_index not in self._proposed:
            for _ in self.proposals():
                pass
        return self._proposed.get(slice_index)

    def conditioned(
        self, slice_index: int, targets: Tensor, options: ConditioningOptions
    ) -> Tensor:
        """Probabilities (N, h, w), float32, that agree with ``targets`` where possible.

        targets: (h, w) class indices, ``FREE`` where nothing is demanded. Pixels of a class that
        the igniter can show nowhere are given to it afterwards. For an igniter that ``trains``; its
        network is the same afterwards.

        Raises CheckpointError when it answers with something that is no number or not as it is
        described, ConfigurationError for layers that cannot be trained, and SaimError when the
        memory does not suffice.
        """
        slices = self._trainable
        assert slices is not None
        strange = self._of_strange_classes(targets)
        with short_memory_said(
            f"the memory is too small to make the igniter {self.name} agree with your marks; close "
            "other programs, or run it on the CPU"
        ):
            inputs = slices.inputs(slice_index)
            found = conditioned_answer(
                slices.network,
                inputs,
                targets.masked_fill(strange, FREE).to(inputs[0].device),
                options if options.layers else replace(options, layers=slices.layers),
                slices.logits,
            )
        answer: Tensor = found.logits.softmax(dim=0).to(CPU)
        return written(answer, targets.masked_fill(~strange, FREE))

    @torch.no_grad()
    def _answer_alone(self, slices: TrainableSlices, slice_index: int) -> Tensor:
        """What the igniter says of one slice, (N, h, w), without the others."""
        with short_memory_said(
            f"the memory is too small for the igniter {self.name} and a slice; close other "
            "programs, or run it on the CPU"
        ):
            logits = slices.logits(*slices.inputs(slice_index))
            answer: Tensor = logits.softmax(dim=0).to(CPU)
        refuse_non_numbers(answer, self.name)
        return answer

    def _of_strange_classes(self, targets: Tensor) -> Tensor:
        """Where (h, w) a class is demanded that no answer of the igniter can show."""
        names = self.classes.names
        strange = [names.index(name) for name in self._igniter.never_likeliest]
        return torch.isin(targets, torch.tensor(strange, dtype=targets.dtype))


def _with_layers(slices: TrainableSlices | None) -> TrainableSlices | None:
    """``slices``, None where their network has no layer that could be trained."""
    if slices is None:
        return None
    try:
        trained_modules(slices.network, slices.layers)
    except ConfigurationError:
        return None
    return slices


def written(probabilities: Tensor, targets: Tensor) -> Tensor:
    """``probabilities`` (N, h, w) with certainty where ``targets`` (h, w) are not ``FREE``."""
    places = targets != FREE
    changed = probabilities.clone()
    changed[:, places] = functional.one_hot(targets[places], len(probabilities)).T.to(changed)
    return changed
