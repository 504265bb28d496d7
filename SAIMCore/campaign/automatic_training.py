"""When a training begins by itself: after so many accepted series, more from round to round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from SAIMCore.errors import ConfigurationError
from SAIMCore.project.filing import IMPORTED
from SAIMCore.project.settings import LARGEST_GROWTH

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import AnnotationRecord, SeriesRecord

__all__ = [
    "RoundUnderWay",
    "choose_automatic_training",
    "round_size",
    "round_under_way",
    "training_is_due",
]

FINISHED = "finished"
# No project has more; the power would grow beyond all numbers.
MOST_SERIES, MOST_ROUNDS = 1_000_000, 200


@dataclass(frozen=True)
class RoundUnderWay:
    """A round before its training: its number, from 0, and the series accepted for it so far."""

    number: int
    accepted: tuple[SeriesRecord, ...]


def choose_automatic_training(
    project: Project, enabled: bool, accepted: int, growth: float | None = None
) -> None:
    """Let trainings begin by themselves or not, and after how many accepted series.

    growth: how much each round grows (see ``AutomaticTraining``), None: as before. Raises
    ConfigurationError for less than one series or an impossible growth, ProjectError when the
    project is open read-only or cannot be written.
    """
    present = project.settings.automatic_training
    growth = present.growth if growth is None else growth
    if accepted < 1:
        raise ConfigurationError(f"a training takes at least 1 accepted series, not {accepted}")
    if not 1 <= growth <= LARGEST_GROWTH:
        raise ConfigurationError(
            f"a round takes 1 to {LARGEST_GROWTH} times as many series as the one before, not "
            f"{growth:g}"
        )
    wanted = replace(present, enabled=enabled, accepted=accepted, growth=growth)
    if wanted != present:
        project.change_settings(automatic_training=wanted)


def round_size(first: int, growth: float, number: int) -> int:
    """How many series round ``number`` (from 0) takes when the first one takes ``first``."""
    return int(min(first * growth ** min(number, MOST_ROUNDS), MOST_SERIES) + 0.5)


def round_under_way(project: Project) -> RoundUnderWay:
    """The round that the next training ends.

    Series count from the last training on that began. One that failed or was given up counts, too:
    with the same series it would end the same way. Without any training, all training series count.

    The trainings that a model came of are the rounds, counted from the first one on what somebody
    has accepted: the labels that the project began with are the start of the first round.
    """
    training, rounds = project.training_series(), project.rounds.all()
    since = rounds[-1].started if rounds else ""
    accepted = tuple(
        record
        for record in training
        if record.annotation is not None and record.annotation.created > since
    )
    begun = min((annotation.created for annotation in _accepted_here(training)), default=None)
    number = sum(
        record.status == FINISHED and begun is not None and record.started > begun
        for record in rounds
    )
    return RoundUnderWay(number, accepted)


def training_is_due(project: Project) -> bool:
    """Whether a training should begin by itself now, as the project's settings say.

    The last round takes what the pool still had: it is due when the pool is empty, though not for
    corrections of earlier annotations alone.
    """
    if not project.settings.automatic_training.enabled or project.rounds.running() is not None:
        return False
    present = round_under_way(project)
    automatic = project.settings.automatic_training
    if len(present.accepted) >= round_size(automatic.accepted, automatic.growth, present.number):
        return True
    first_ones = [record for record in _accepted_here(present.accepted) if record.number == 1]
    return bool(first_ones) and not project.pool()


def _accepted_here(records: Sequence[SeriesRecord]) -> list[AnnotationRecord]:
    """The annotations that did not come with the images."""
    return [
        record.annotation
        for record in records
        if record.annotation is not None and record.annotation.annotator != IMPORTED
    ]
