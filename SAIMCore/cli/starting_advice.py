"""Whether the annotated set is large enough to start with, judged by the models so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord
    from SAIMCore.rounds.advice import Advice, Measurement

__all__ = ["starting_advice"]


def starting_advice(project: Project) -> Advice | None:
    """Advice from all models that were measured, the newest one judged; None without any.

    Measured without clicks: what the model must be good for at the start is at least a partial
    annotation by itself (SAIM, section 4.2).
    """
    from SAIMCore.rounds.advice import advise

    measurements = [
        measurement
        for record in project.models.all()
        if (measurement := _measurement(project, record)) is not None
    ]
    return advise(measurements) if measurements else None


def _measurement(project: Project, model: ModelRecord) -> Measurement | None:
    from SAIMCore.errors import ConfigurationError
    from SAIMCore.job import TrainingJob
    from SAIMCore.rounds.advice import Measurement

    metrics = model.test or model.validation
    folders = {record.number: record.run_folder for record in project.rounds.all()}
    if metrics is None or model.round not in folders:
        return None
    try:
        job = TrainingJob.read(folders[model.round])
    except ConfigurationError:
        # Runs may be deleted to free the disk; their models then count no more.
        return None
    iou: dict[str, Any] = metrics["clicks"]["0"]["iou"]
    return Measurement(
        len(job.series["training"]),
        {name: math.nan if value is None else value for name, value in iou.items()},
    )
