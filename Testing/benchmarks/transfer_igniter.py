"""A model of another project that answers in the classes of this one."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from SAIMCore.checkpoint import load_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.conditioning.inference import ConditioningOptions, conditioned_answer
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.memory import AutomaticMemory
from SAIMCore.predictor import Predictor

__all__ = ["MappedPredictor"]


class MappedPredictor(Predictor):
    """The network without interactions in ``folder``; classes of the same name become ``classes``.

    answered: indices of the classes that it knows, background included.
    """

    def __init__(self, folder: Path, classes: ClassTable) -> None:
        network, config = load_checkpoint(folder)
        super().__init__(network, config, "cpu")
        self._mapped_network, self._classes = network, classes
        theirs, ours = config.classes.names, classes.names
        self._mapping = ClassMapping.by_name(theirs, ours).between(theirs, ours)
        never = self._mapping.never
        self.answered = [index for index, name in enumerate(ours) if name not in never]

    @property
    def classes(self) -> ClassTable:
        return self._classes

    @property
    def num_classes(self) -> int:
        return len(self._classes)

    @property
    def memory(self) -> AutomaticMemory:
        return AutomaticMemory(self.num_classes)

    def _answer(self, image: Tensor, memory: Tensor | None) -> Tensor:
        return self._mapping.apply(super()._answer(image, memory))

    def conditioned(
        self, image: Tensor, memory: Tensor, targets: Tensor, options: ConditioningOptions
    ) -> Tensor:
        height, width = targets.shape
        found = conditioned_answer(
            self._mapped_network,
            (image, memory),
            targets,
            options,
            lambda *given: self._mapping.logits(
                self._mapped_network(*given)[0, :, :height, :width]
            ),
        )
        return torch.softmax(found.logits, dim=0)[None]
