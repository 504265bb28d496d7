"""What the training worker is told: everything it needs, so that it never opens the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.data.atomic import write_json
from SAIMCore.data.cache import SeriesCache
from SAIMCore.data.labeled import LabeledSeries, open_labeled
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ConfigurationError
from SAIMCore.training.configuration import TrainingConfig

__all__ = ["JOB_FILE", "LabeledSource", "TrainingJob", "UnreadableJobError"]

JOB_FILE = "job.json"
FORMAT_VERSION = 1
SPLITS = ("training", "validation", "test")


class UnreadableJobError(ConfigurationError):
    """A run folder without a job, or with one that is damaged."""


@dataclass(frozen=True)
class LabeledSource:
    """A series on disk and the labelmap file that belongs to it."""

    source: SeriesSource
    labels: Path

    def to_json(self) -> dict[str, Any]:
        source = self.source
        return {
            "name": source.name,
            "path": str(source.path),
            "files": [str(file) for file in source.files],
            "labels": str(self.labels),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> LabeledSource:
        files = tuple(Path(file) for file in entry["files"])
        source = SeriesSource(str(entry["name"]), Path(entry["path"]), files)
        return cls(source, Path(entry["labels"]))


@dataclass(frozen=True)
class TrainingJob:
    """One training: the model to make, the options, the series of every split.

    start_from: checkpoint folder to fine-tune, None for full retraining.
    encoder_weights: a .safetensors file, None for the ImageNet weights of the cache if there are
    any; ``pretrained`` False starts from random weights at once.
    """

    model: ModelConfig
    training: TrainingConfig
    cache: Path
    series: Mapping[str, tuple[LabeledSource, ...]] = field(default_factory=dict)
    device: str = "auto"
    start_from: Path | None = None
    pretrained: bool = True
    encoder_weights: Path | None = None

    def write(self, folder: Path) -> None:
        """Write the job into its run folder, which is made when it does not exist."""
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / JOB_FILE, self._to_json())

    def _to_json(self) -> dict[str, Any]:
        return {
            "format_version": FORMAT_VERSION,
            "model": self.model.to_json(),
            "training": self.training.to_json(),
            "cache": str(self.cache),
            "device": self.device,
            "start_from": str(self.start_from) if self.start_from else None,
            "pretrained": self.pretrained,
            "encoder_weights": str(self.encoder_weights) if self.encoder_weights else None,
            "series": {
                split: [entry.to_json() for entry in self.series.get(split, ())] for split in SPLITS
            },
        }

    @classmethod
    def read(cls, folder: Path) -> TrainingJob:
        """Read the job of a run folder.

        Raises UnreadableJobError when it is missing or damaged, ConfigurationError when it is of a
        newer format.
        """
        path = folder / JOB_FILE
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            if entry["format_version"] > FORMAT_VERSION:
                raise ConfigurationError(
                    f"{path} has format {entry['format_version']}, this SAIM reads up to "
                    f"{FORMAT_VERSION}; update SAIM"
                )
            return cls._from_json(entry)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableJobError(
                f"{path} is no readable training job ({error}); start the training anew"
            ) from error

    @classmethod
    def _from_json(cls, entry: Mapping[str, Any]) -> TrainingJob:
        weights, start_from = entry["encoder_weights"], entry["start_from"]
        return cls(
            model=ModelConfig.from_json(entry["model"]),
            training=TrainingConfig.from_json(entry["training"]),
            cache=Path(entry["cache"]),
            series={
                split: tuple(LabeledSource.from_json(item) for item in entry["series"][split])
                for split in SPLITS
            },
            device=entry["device"],
            start_from=Path(start_from) if start_from else None,
            pretrained=entry["pretrained"],
            encoder_weights=Path(weights) if weights else None,
        )

    def labeled_series(self, split: str) -> list[LabeledSeries]:
        """The series of ``split``, read from the cache (made where it is missing) part by part."""
        cache = SeriesCache(self.cache)
        options, classes = self.model.preprocessing, self.model.classes
        return [
            open_labeled(cache, entry.source, options, entry.labels, classes)
            for entry in self.series.get(split, ())
        ]
