"""Whether the annotated set is large enough to start with, judged by the models so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from SAIMCore.campaign.learning_curve import learning_curve
from SAIMCore.rounds.advice import Advice, Measurement, advise

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["starting_advice"]


def starting_advice(project: Project) -> Advice | None:
    """Advice from all models that were measured, the newest one judged; None without any.

    Measured without clicks: what the model must be good for at the start is at least a partial
    annotation by itself (SAIM, section 4.2). Models whose run folders are gone count no more.
    """
    measurements = [
        Measurement(
            point.series,
            {name: math.nan if value is None else value for name, value in point.iou[0].items()},
        )
        for point in learning_curve(project)
        if point.series is not None
    ]
    return advise(measurements) if measurements else None
