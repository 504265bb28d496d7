"""What an emulated scenario found: plain figures, free of the project and of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from SAIMCore.classes import ClassTable
from SAIMCore.experiments.options import EmulationOptions

__all__ = ["ClassicalResult", "ClickScores", "EmulationResult", "RoundResult", "click_scores"]


@dataclass(frozen=True)
class ClickScores:
    """IoU and Dice (0 to 1) on the test series after some number of clicks.

    A class that no test series shows has None.
    """

    mean_iou: float | None
    mean_dice: float | None
    iou: Mapping[str, float | None]
    dice: Mapping[str, float | None]


def click_scores(test: Mapping[str, Any]) -> dict[int, ClickScores]:
    """Scores by number of clicks, from what a model's metrics say of the test series."""
    return {
        int(clicks): ClickScores(entry["mean_iou"], entry["mean_dice"], entry["iou"], entry["dice"])
        for clicks, entry in test["clicks"].items()
    }


@dataclass(frozen=True)
class RoundResult:
    """Round ``number`` of the loop; 0 is the initial training.

    annotated: the series annotated in it; series: how many the model was trained on, a ``share``
    (0 to 1) of all. clicks, slices, minutes: what annotating them took. label_iou: agreement of
    the accepted annotations with the reference labels (mean mIoU).
    """

    number: int
    model: str
    annotated: tuple[str, ...]
    series: int
    share: float
    clicks: int
    slices: int
    minutes: float
    label_iou: float | None
    test: Mapping[int, ClickScores]


@dataclass(frozen=True)
class ClassicalResult:
    """The same training on the reference labels of the series of round ``number``."""

    number: int
    series: int
    share: float
    test: Mapping[int, ClickScores]


@dataclass(frozen=True)
class EmulationResult:
    """The whole emulated scenario. facts: what it was made with, for people, in order."""

    options: EmulationOptions
    classes: ClassTable
    initial: tuple[str, ...]
    pool: tuple[str, ...]
    rounds: tuple[RoundResult, ...]
    classical: tuple[ClassicalResult, ...]
    facts: Mapping[str, str]

    @property
    def total(self) -> int:
        """Series that could be annotated at most: the initial set and the pool."""
        return len(self.initial) + len(self.pool)

    @property
    def clicks(self) -> int:
        """Clicks after which models are compared: the virtual user's, or the most measured."""
        return min(self.options.clicks, max(self.rounds[0].test))

    def saim_minutes(self, number: int) -> float:
        """Annotation time up to round ``number``; the initial set counts as made classically."""
        made = sum(entry.minutes for entry in self.rounds if entry.number <= number)
        return len(self.initial) * self.options.classical_minutes + made

    def classical_minutes(self, number: int) -> float:
        """Annotation time for the series of round ``number`` with classical tools."""
        return self.rounds[number].series * self.options.classical_minutes

    def to_json(self) -> dict[str, Any]:
        """All of it, and the annotation times, JSON-able."""
        return {
            "options": {
                **self.options.identity(),
                "rounds": self.options.rounds,
                "seconds_per_click": self.options.seconds_per_click,
                "seconds_per_slice": self.options.seconds_per_slice,
                "classical_minutes": self.options.classical_minutes,
            },
            "classes": self.classes.to_json(),
            "initial": list(self.initial),
            "pool": list(self.pool),
            "facts": dict(self.facts),
            "rounds": [
                {
                    **asdict(entry),
                    "saim_minutes": self.saim_minutes(entry.number),
                    "classical_minutes": self.classical_minutes(entry.number),
                }
                for entry in self.rounds
            ],
            "classical": [asdict(entry) for entry in self.classical],
        }
