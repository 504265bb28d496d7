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
    # An annotation that was restored counted no work, and one from elsewhere has figures that no
    # sitting has.
    accepted = [
        record.created
        for record in project.annotations.history(name)
        if record.restored_from is None
    ]
    since = max(accepted, default="")
    seconds = sum(
        sitting.seconds_active for sitting in project.sessions.all(name) if sitting.started > since
    )
    clicks = sum(record.created > since for record in project.interactions.of(name))
    return seconds / 60, clicks
