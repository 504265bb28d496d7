"""What the annotation of one series has taken, from its sittings and interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["effort_since_annotation"]


def effort_since_annotation(project: Project, name: str) -> tuple[float, int]:
    """Active minutes and interactions at series ``name`` that no annotation of it has counted yet.

    Raises ProjectError for an unknown series.
    """
    counted = project.annotations.history(name)
    seconds = sum(record.seconds_active for record in project.sessions.all(name))
    minutes = seconds / 60 - sum(record.minutes for record in counted)
    clicks = len(project.interactions.of(name)) - sum(record.clicks for record in counted)
    return max(0.0, minutes), max(0, clicks)
