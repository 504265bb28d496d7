"""What is shown of a round whose training has ended, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass

from SAIMCore.project.project import Project
from SAIMCore.project.records import RoundRecord
from SAIMCore.rounds.training_state import FAILED, FINISHED, IDLE, PAUSED

__all__ = ["Ending", "Shown", "end_by_writer", "shown_interruption"]

PHASES = {"finished": FINISHED, "failed": FAILED, "cancelled": IDLE}


@dataclass(frozen=True)
class Ending:
    """How a training ended: with a result, as it was asked to (no reason), or for a ``reason``.

    resumable: the reason is not the training itself, so it can just go on. told: by the worker.
    """

    finished: bool = False
    reason: str | None = None
    resumable: bool = False
    told: bool = True


@dataclass(frozen=True)
class Shown:
    """Phase, sentence and whether the round can be resumed, as in ``TrainingState``."""

    phase: str
    sentence: str
    resumable: bool


def shown_interruption(
    record: RoundRecord, ending: Ending, asked_to_stop: bool, seen_at_work: bool
) -> Shown:
    """What to show of an ``ending`` without a result.

    A silent end that nobody saw, as after a restart of the computer, or that was asked for, is a
    pause.
    """
    if ending.reason is None or (asked_to_stop and not ending.told):
        return Shown(PAUSED, f"round {record.number} is paused; it can be resumed", True)
    return Shown(
        FAILED if seen_at_work or ending.told else PAUSED,
        f"round {record.number} was interrupted: {ending.reason}"
        + ("; resume it, and it goes on from what was saved" if ending.resumable else ""),
        ending.resumable,
    )


def end_by_writer(project: Project, record: RoundRecord) -> Shown | None:
    """What the process that may write to ``project`` made of ``record``; None while it runs."""
    for entry in project.rounds.all():
        if entry.number == record.number and entry.status in PHASES:
            return Shown(PHASES[entry.status], entry.sentence or entry.status, False)
    return None
