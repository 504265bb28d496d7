"""What a training is told to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMCore.training.schedule import check_schedule

__all__ = ["GenerationOptions", "TrainingConfig"]

LEAST_ROUNDS = 3


@dataclass(frozen=True)
class GenerationOptions:
    """How interactions are simulated in training (DDG-SIM, section 4.2).

    kind: "dynamic" (from the network's own answers) or "static" (once, from the reference).
    rounds: interaction rounds per visit of a slice; the last one carries the gradient. None takes
        3 (the clicks per class that are given in use), or the depth of a memory that keeps more.
    max_clicks: t, the most clicks per component and class, and the slope of rule 2.
    decreasing: rule 2, corrective clicks become rarer with every round.
    hold_out_class: rule 3, one random class per image gets no clicks.
    dropped: rule 4, the share of simulated clicks that is dropped.
    random_fill: each slice goes through a random number of rounds, 1 to ``rounds``, so that the
        gradient meets memories of every filling (see RESULTS.md for the measured reason).
    """

    kind: str = "dynamic"
    rounds: int | None = None
    max_clicks: int = 3
    decreasing: bool = True
    hold_out_class: bool = True
    dropped: float = 0.8
    random_fill: bool = True

    def __post_init__(self) -> None:
        if self.kind not in ("dynamic", "static"):
            raise ConfigurationError(
                f"unknown data generation {self.kind!r}; choose dynamic or static"
            )
        if (self.rounds is not None and self.rounds < 1) or self.max_clicks < 1:
            raise ConfigurationError(
                f"data generation needs at least 1 round and 1 click, found {self.rounds} rounds "
                f"and {self.max_clicks} clicks"
            )
        if not 0 <= self.dropped < 1:
            raise ConfigurationError(
                f"the share of dropped clicks must be at least 0 and below 1, found {self.dropped}"
            )

    def rounds_for(self, depth: int) -> int:
        """How many rounds fill a memory of ``depth`` rounds, so that no place stays unseen.

        A network whose gradient never met the oldest places of its memory fails as soon as a user
        gives enough clicks to fill them.
        """
        return max(LEAST_ROUNDS, depth) if self.rounds is None else self.rounds


@dataclass(frozen=True)
class TrainingConfig:
    """Options of one training.

    learning_rate: None takes 5e-5 from ImageNet weights (section 5.1.3), 1e-3 from random ones.
    schedule: "constant" or "cosine", how the learning rate changes in the course of the training.
    batch_size: slices per optimizer step, over all processes.
    micro_batch: slices per forward pass (gradient accumulation); None for the whole batch.
    validation_clicks: clicks per class given in validation; mIoU is averaged over 0 to this many.
    steps_per_epoch: None visits every slice once per epoch.
    """

    epochs: int = 75
    batch_size: int = 4
    learning_rate: float | None = None
    schedule: str = "constant"
    steps_per_epoch: int | None = None
    micro_batch: int | None = None
    seed: int = 0
    focal_gamma: float = 2.0
    augment: bool = True
    mixed_precision: bool = True
    validation_clicks: int = 3
    validate_every: int = 1
    workers: int | None = None
    generation: GenerationOptions = GenerationOptions()

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "validate_every"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1, found {getattr(self, name)}")
        for name in ("steps_per_epoch", "micro_batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigurationError(f"{name} must be at least 1, found {value}")
        rate = self.learning_rate
        if rate is not None and not (math.isfinite(rate) and rate > 0):
            raise ConfigurationError(f"the learning rate must be above 0, found {rate}")
        check_schedule(self.schedule)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> TrainingConfig:
        """Read what ``to_json`` wrote. Raises ConfigurationError for a key that is not known."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(entry) - known)
        if unknown:
            raise ConfigurationError(
                f"unknown training option {unknown[0]!r}; known are {', '.join(sorted(known))}"
            )
        try:
            generation = GenerationOptions(**entry.get("generation", {}))
            return cls(**{**entry, "generation": generation})
        except TypeError as error:
            raise ConfigurationError(f"a training option cannot be used: {error}") from error
