"""Records and rows with the values that matter to a test, and plain ones for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SAIMCore.campaign.effort import AnnotationEffort
from SAIMCore.campaign.learning_curve import CurvePoint
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.time_plan import PlanEntry, TimePlan
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.sources import SeriesSource
from SAIMCore.project.records import AnnotationRecord, SeriesRecord


def queue_row(name: str = "a", **values: Any) -> QueueRow:
    plain: dict[str, Any] = {
        "patient": None,
        "status": "unannotated",
        "reason": None,
        "pinned": False,
        "skipped": False,
        "slices": 10,
        "rank": None,
        "score": None,
        "model_version": None,
        "stale": False,
        "predicted_minutes": None,
        "annotator": None,
        "minutes_spent": 0.0,
        "clicks": 0,
        "within_budget": None,
    }
    return QueueRow(name, **{**plain, **values})


def annotation_effort(
    number: int, minutes: float | None, score: float | None = None, **values: Any
) -> AnnotationEffort:
    """The ``number``-th annotation, of a series of 10 slices."""
    plain: dict[str, Any] = {
        "accepted": f"2026-01-{number:02d}T00:00:00",
        "annotator": "ada",
        "slices": 10,
        "clicks": 3,
        "model_version": "round-001",
        "round": 1,
    }
    return AnnotationEffort(
        f"series-{number:02d}", minutes=minutes, score=score, **{**plain, **values}
    )


def time_plan(*series: PlanEntry, **values: Any) -> TimePlan:
    """The plan of an hour, easy-first."""
    began = "2026-01-01T10:20:30.123456+00:00"
    plain: dict[str, Any] = {"latest": began, "minutes": 60.0, "order": "easy-first"}
    return TimePlan(began, series=series, **{**plain, **values})


def annotation_record(series: str, **values: Any) -> AnnotationRecord:
    plain: dict[str, Any] = {
        "number": 1,
        "current": True,
        "annotator": "ada",
        "created": "2026-01-01T00:00:00",
        "minutes": 0.0,
        "clicks": 0,
        "model_version": None,
        "class_voxels": (10, 1),
        "restored_from": None,
    }
    return AnnotationRecord(series, **{**plain, **values})


def series_record(
    name: str, slices: int = 10, status: str = "annotated", **annotation: Any
) -> SeriesRecord:
    """A series whose current annotation has these values; without any it has none."""
    return SeriesRecord(
        source=SeriesSource(name, Path(f"{name}.nii.gz"), (Path(f"{name}.nii.gz"),)),
        geometry=Geometry(
            (5, 6, slices), (1.0, 1.0, 3.0), (0.0, 0.0, 0.0), (1, 0, 0, 0, 1, 0, 0, 0, 1)
        ),
        status=status,
        reason=None,
        reference=None,
        pinned=False,
        added="2026-01-01T00:00:00",
        annotation=annotation_record(name, **annotation) if annotation else None,
    )


def curve_point(series: int | None, *mean_iou: float | None, **values: Any) -> CurvePoint:
    """A published model trained on ``series`` series, with these mIoUs after 0, 1, ... clicks."""
    plain: dict[str, Any] = {
        "version": f"model-of-{series}",
        "round": 1,
        "published": "2026-01-01T00:00:00",
        "split": "test",
        "iou": {count: {"liver": value} for count, value in enumerate(mean_iou)},
        "comparable": True,
    }
    found = dict(enumerate(mean_iou))
    return CurvePoint(series=series, mean_iou=found, **{**plain, **values})
