"""What a project says about its content: plain, frozen records, free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.sources import SeriesSource

__all__ = [
    "STATUSES",
    "AnnotationRecord",
    "InteractionRecord",
    "ModelRecord",
    "RoundRecord",
    "ScoreRecord",
    "SeriesRecord",
    "SessionRecord",
]

STATUSES = ("unannotated", "in progress", "annotated", "validation", "test", "excluded")
# A series of these statuses cannot do without labels.
LABELED_STATUSES = ("annotated", "validation", "test")
POOL_STATUSES = ("unannotated", "in progress")


@dataclass(frozen=True)
class AnnotationRecord:
    """An accepted annotation of ``series``; ``number`` counts those of the series from 1.

    created: UTC, ISO 8601. minutes: time the annotator was active. class_voxels: voxels per class
    index. restored_from: number of the earlier annotation that this one brought back.
    """

    series: str
    number: int
    current: bool
    annotator: str
    created: str
    minutes: float
    clicks: int
    model_version: str | None
    class_voxels: tuple[int, ...]
    restored_from: int | None


@dataclass(frozen=True)
class SeriesRecord:
    """A series and all that a table of the queue shows of it.

    reason: why it has its status (why it was excluded, say), or is pinned or skipped. reference:
    labels known beforehand, only for the virtual user and for the "classical" baseline. annotation:
    the current one. skipped: last of the queue. checksum: of its files (see ``checksums``); None
    when it was added by an early SAIM and never verified.
    """

    source: SeriesSource
    geometry: Geometry
    status: str
    reason: str | None
    reference: Path | None
    pinned: bool
    added: str
    annotation: AnnotationRecord | None
    skipped: bool = False
    checksum: str | None = None

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def patient(self) -> str | None:
        return self.source.patient

    @property
    def num_slices(self) -> int:
        """Slices along the acquisition axis."""
        return self.geometry.stack_shape[0]


@dataclass(frozen=True)
class ScoreRecord:
    """What ``strategy`` gave a series. stale: made by another model than the one asked about."""

    series: str
    strategy: str
    model_version: str
    value: float
    created: str
    stale: bool


@dataclass(frozen=True)
class InteractionRecord:
    """One logged interaction; ``content`` is its JSON (see ``interaction_from_json``)."""

    series: str
    slice_index: int
    class_index: int
    kind: str
    content: Mapping[str, Any]
    annotator: str
    model_version: str | None
    created: str


@dataclass(frozen=True)
class SessionRecord:
    """One sitting of one annotator at one series; ``file`` is the saved session."""

    id: int
    series: str
    annotator: str
    started: str
    seconds_active: float
    file: Path | None


@dataclass(frozen=True)
class RoundRecord:
    """One SAIM round; ``sentence`` says in words how it went or why it ended."""

    number: int
    status: str
    run_folder: Path
    model_version: str | None
    options: Mapping[str, Any]
    started: str
    finished: str | None
    sentence: str | None


@dataclass(frozen=True)
class ModelRecord:
    """A trained model; ``current`` marks the one that everybody uses now.

    validation, test: the metrics as they were recorded. parent: version that it was fine-tuned
    from. published: when it last became the current one (UTC, ISO 8601), None if it never was.
    """

    version: str
    round: int | None
    folder: Path
    validation: Mapping[str, Any] | None
    test: Mapping[str, Any] | None
    parent: str | None
    created: str
    published: str | None
    current: bool
