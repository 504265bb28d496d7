"""How a campaign is doing: learning curve, effort, what is left, and whether to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SAIMCore.campaign.automatic_training import round_under_way
from SAIMCore.campaign.budget import hours_left, share_done
from SAIMCore.campaign.effort import AnnotationEffort, describe_trend, effort_over_time
from SAIMCore.campaign.learning_curve import CurvePoint, learning_curve
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.time_plan import TimePlan
from SAIMCore.campaign.time_plans import read_plans
from SAIMCore.campaign.worth import Worth, worth_of_next_round
from SAIMCore.errors import ProjectError
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
    plans: those of the sessions so far whose time was limited, oldest first, and why they cannot
    be read, "" when they can. round_number, round_accepted: the round that the next training ends
    (from 0), and how many series were accepted for it.
    """

    models: tuple[ModelRecord, ...]
    curve: tuple[CurvePoint, ...]
    efforts: tuple[AnnotationEffort, ...]
    trend: str
    worth: Worth
    share: float | None
    hours: float | None
    plans: tuple[TimePlan, ...] = ()
    plans_problem: str = ""
    round_number: int = 0
    round_accepted: int = 0


def overview_of(project: Project, rows: Sequence[QueueRow]) -> Overview:
    """What there is to say about ``project``, whose series are ``rows``."""
    curve = learning_curve(project)
    efforts = effort_over_time(project)
    plans, problem = _plans(project)
    present = round_under_way(project)
    return Overview(
        models=tuple(project.models.all()),
        curve=tuple(curve),
        efforts=tuple(efforts),
        trend=describe_trend(efforts),
        worth=worth_of_next_round(curve, rows, project.settings.selection.query_size),
        share=share_done(rows),
        hours=hours_left(rows),
        plans=plans,
        plans_problem=problem,
        round_number=present.number,
        round_accepted=len(present.accepted),
    )


def _plans(project: Project) -> tuple[tuple[TimePlan, ...], str]:
    """The plans so far, or why they cannot be read: all else does without them."""
    try:
        return tuple(read_plans(project.folder)), ""
    except ProjectError as error:
        return (), str(error)
