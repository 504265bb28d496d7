"""One measured figure with its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SAIMCore.benchmarks.timing import Comparison, quartiles

__all__ = ["Figure"]


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit`` ("ratio" or "ms") against ``target``.

    ``at_least`` says on which side of the target the value must lie. ``spread`` holds the lower
    and upper quartile of the repeats, None where there was only one. ``details`` (JSON-able) say
    how it was measured and what the two sides of a ratio were.
    """

    benchmark: str
    name: str
    value: float
    unit: str
    target: float
    at_least: bool = False
    spread: tuple[float, float] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_ratios(
        cls,
        benchmark: str,
        name: str,
        comparison: Comparison,
        target: float,
        conditions: Mapping[str, Any],
        *,
        throughput: bool = False,
    ) -> Figure:
        """The time that ``comparison`` took by that of its reference, at most ``target``.

        With ``throughput`` the inverse, at least ``target``.
        """
        ratios = comparison.speedups if throughput else comparison.slowdowns
        return cls(
            benchmark,
            name,
            float(np.median(ratios)),
            "ratio",
            target,
            at_least=throughput,
            spread=quartiles(ratios),
            details={"conditions": conditions, **comparison.to_json()},
        )

    @property
    def met(self) -> bool:
        """Whether the value is on the right side of the target."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        return {
            "benchmark": self.benchmark,
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "spread": None if self.spread is None else list(self.spread),
            "target": {"at_least" if self.at_least else "at_most": self.target},
            "met": self.met,
            **self.details,
        }
