"""How a campaign is doing: learning curve, effort, what is left, and whether to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SAIMCore.campaign.budget import hours_left, share_done
from SAIMCore.campaign.effort import AnnotationEffort, describe_trend, effort_over_time
from SAIMCore.campaign.learning_curve import CurvePoint, learning_curve
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.worth import Worth, worth_of_next_round
from SAIMCore.project.records import ModelRecord

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["Overview", "overview_of"]


@dataclass(frozen=True)
class Overview:
    """models: all of them, oldest first. curve: a point for each that was measured.

    efforts: what each annotation took, in the order of their time.
    trend: whether annotating is getting cheaper. share: of the pool and the annotated series that
    is done (0 to 1). hours: that annotating the rest takes. Both None where they cannot be told.
    """

    models: tuple[ModelRecord, ...]
    curve: tuple[CurvePoint, ...]
    efforts: tuple[AnnotationEffort, ...]
    trend: str
    worth: Worth
    share: float | None
    hours: float | None


def overview_of(project: Project, rows: Sequence[QueueRow]) -> Overview:
    """What there is to say about ``project``, whose series are ``rows``."""
    curve = learning_curve(project)
    efforts = effort_over_time(project)
    return Overview(
        models=tuple(project.models.all()),
        curve=tuple(curve),
        efforts=tuple(efforts),
        trend=describe_trend(efforts),
        worth=worth_of_next_round(curve, rows, project.settings.selection.query_size),
        share=share_done(rows),
        hours=hours_left(rows),
    )
