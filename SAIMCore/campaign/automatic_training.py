"""When a training begins by itself: after so many accepted series."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import SeriesRecord

__all__ = ["accepted_since_training", "choose_automatic_training", "training_is_due"]


def choose_automatic_training(project: Project, enabled: bool, accepted: int) -> None:
    """Let trainings begin by themselves or not, and after how many accepted series.

    Raises ConfigurationError for less than one series, ProjectError when the project is open
    read-only or cannot be written.
    """
    present = project.settings.automatic_training
    wanted = replace(present, enabled=enabled, accepted=accepted)
    if wanted != present:
        project.change_settings(automatic_training=wanted)


def accepted_since_training(project: Project) -> list[SeriesRecord]:
    """Training series whose annotation was accepted after the last training began.

    A training that failed or was given up counts, too: with the same series it would end the same
    way. Without any training, all training series.
    """
    rounds = project.rounds.all()
    since = rounds[-1].started if rounds else ""
    return [
        record
        for record in project.training_series()
        if record.annotation is not None and record.annotation.created > since
    ]


def training_is_due(project: Project) -> bool:
    """Whether a training should begin by itself now, as the project's settings say."""
    automatic = project.settings.automatic_training
    if not automatic.enabled or project.rounds.running() is not None:
        return False
    return len(accepted_since_training(project)) >= automatic.accepted
