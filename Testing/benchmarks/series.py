"""The labeled series of a benchmark: a folder with ``images``, ``labels`` and ``splits.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import find_series
from SAIMCore.job import LabeledSource

__all__ = ["BenchmarkSeries", "read_benchmark"]


@dataclass(frozen=True)
class BenchmarkSeries:
    """Classes and labeled series by split (train_initial, pool, validation, test)."""

    classes: ClassTable
    splits: dict[str, tuple[LabeledSource, ...]]

    def training(self) -> tuple[LabeledSource, ...]:
        """Everything that may be trained on: the initial set and the pool."""
        return self.splits["train_initial"] + self.splits["pool"]


def read_benchmark(folder: Path, group: str = "splits") -> BenchmarkSeries:
    """Read ``folder``; ``group`` names the splits to take from its ``splits.json``."""
    description = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    classes = ClassTable.from_values({int(k): v for k, v in description["classes"].items()})
    sources = {source.name: source for source in find_series(folder / "images")}
    labels = {source.name: source.path for source in find_series(folder / "labels")}
    return BenchmarkSeries(
        classes,
        {
            split: tuple(LabeledSource(sources[name], labels[name]) for name in names)
            for split, names in description[group].items()
        },
    )
