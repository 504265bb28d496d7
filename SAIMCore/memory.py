"""Interaction memories: what the network is told of the interaction rounds so far.

Method: DDG-SIM (Mikhailov et al., 2023), sections 4.1.1 and 4.1.2. An interaction round is the
pair of N interaction masks and of the N probability maps with which the network answered. The
round that is being answered has masks but no probabilities yet, so its maps are zeros; an empty
round is all zeros. One layout serves training (batches) and the interactive session (one slice).

A new variant is one class here and one entry in ``MEMORY_VARIANTS``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from SAIMCore.errors import ConfigurationError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "MEMORY_VARIANTS",
    "AutomaticMemory",
    "BaseMemory",
    "CumulativeInteractionMemory",
    "InteractionMemory",
    "InteractionRound",
    "SequentialInteractionMemory",
    "TensorRound",
    "create_memory",
]

DEFAULT_DEPTH = 3


class InteractionRound(Protocol):
    """One interaction round of a batch of B slices with N classes."""

    def add_masks(self, out: Tensor) -> None:
        """Merge the interaction masks into ``out`` (B, N, rows, columns) by maximum."""

    def write_probabilities(self, out: Tensor) -> None:
        """Write the answer's probabilities to ``out`` (B, N, rows, columns), if there are any."""


@dataclass
class TensorRound:
    """A round held as tensors: masks and, once answered, probabilities, both (B, N, H, W).

    They may lie on another device than what they are written to.
    """

    masks: Tensor
    probabilities: Tensor | None = None

    def add_masks(self, out: Tensor) -> None:
        out.copy_(out.maximum(self.masks.to(out)))

    def write_probabilities(self, out: Tensor) -> None:
        if self.probabilities is not None:
            out.copy_(self.probabilities)


class InteractionMemory(Protocol):
    """Lays interaction rounds out as network input channels."""

    variant: ClassVar[str]

    @property
    def num_classes(self) -> int:
        """N, background included."""

    @property
    def depth(self) -> int:
        """D: how many rounds it keeps apart."""

    @property
    def channels(self) -> int:
        """Number of channels beside the image."""

    def assemble(self, rounds: Sequence[InteractionRound], out: Tensor) -> None:
        """Fill ``out`` (B, channels, rows, columns) from ``rounds``, oldest first.

        The last round is the one to be answered. With no rounds at all, ``out`` becomes zeros.
        """


@dataclass(frozen=True)
class AutomaticMemory:
    """No memory and no interactions: the network sees the image only (the papers' Auto)."""

    variant: ClassVar[str] = "none"
    num_classes: int
    depth: int = 0

    @property
    def channels(self) -> int:
        return 0

    def assemble(self, rounds: Sequence[InteractionRound], out: Tensor) -> None:
        return None


@dataclass(frozen=True)
class BaseMemory:
    """The masks of the present round only: N channels (section 4.1.1, the base system)."""

    variant: ClassVar[str] = "base"
    num_classes: int
    depth: int = 1

    @property
    def channels(self) -> int:
        return self.num_classes

    def assemble(self, rounds: Sequence[InteractionRound], out: Tensor) -> None:
        out.zero_()
        if rounds:
            rounds[-1].add_masks(out)


@dataclass(frozen=True)
class CumulativeInteractionMemory:
    """All masks merged, order forgotten (CIM): N channels (section 4.1.2)."""

    variant: ClassVar[str] = "cumulative"
    num_classes: int
    depth: int = 1

    @property
    def channels(self) -> int:
        return self.num_classes

    def assemble(self, rounds: Sequence[InteractionRound], out: Tensor) -> None:
        out.zero_()
        for interaction_round in rounds:
            interaction_round.add_masks(out)


@dataclass(frozen=True)
class SequentialInteractionMemory:
    """The last ``depth`` rounds, oldest first (SIM): 2 * depth * N channels (section 4.1.2).

    Each round takes N mask channels followed by N probability channels. With fewer rounds than
    ``depth`` the oldest places stay zero.
    """

    variant: ClassVar[str] = "sequential"
    num_classes: int
    depth: int = DEFAULT_DEPTH

    @property
    def channels(self) -> int:
        return 2 * self.depth * self.num_classes

    def assemble(self, rounds: Sequence[InteractionRound], out: Tensor) -> None:
        out.zero_()
        latest = rounds[-self.depth :]
        first = self.depth - len(latest)
        for place, interaction_round in enumerate(latest, start=first):
            start = 2 * place * self.num_classes
            middle = start + self.num_classes
            interaction_round.add_masks(out[:, start:middle])
            interaction_round.write_probabilities(out[:, middle : middle + self.num_classes])


MEMORY_VARIANTS: dict[str, type] = {
    memory.variant: memory
    for memory in (
        AutomaticMemory,
        BaseMemory,
        CumulativeInteractionMemory,
        SequentialInteractionMemory,
    )
}


def create_memory(variant: str, num_classes: int, depth: int = DEFAULT_DEPTH) -> InteractionMemory:
    """The memory called ``variant`` for ``num_classes`` classes (background included).

    ``depth`` counts for the sequential memory only. Raises ConfigurationError for an unknown
    variant, fewer than two classes or a depth below 1.
    """
    if variant not in MEMORY_VARIANTS:
        known = ", ".join(MEMORY_VARIANTS)
        raise ConfigurationError(f"unknown memory {variant!r}; choose one of {known}")
    if num_classes < 2:
        raise ConfigurationError(f"a memory needs at least 2 classes, found {num_classes}")
    if variant != SequentialInteractionMemory.variant:
        memory: InteractionMemory = MEMORY_VARIANTS[variant](num_classes)
        return memory
    if depth < 1:
        raise ConfigurationError(f"the memory depth must be at least 1, found {depth}")
    return SequentialInteractionMemory(num_classes, depth)
