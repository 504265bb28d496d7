"""What a user can do to a single series of the queue, and what is asked before."""

from __future__ import annotations

from dataclasses import dataclass

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.project.records import LABELED_STATUSES

__all__ = [
    "COMMANDS",
    "QUESTIONS",
    "ReasonQuestion",
    "SeriesCommand",
    "offered_commands",
    "possible_commands",
]


@dataclass(frozen=True)
class SeriesCommand:
    """How a command looks in the menu of a row."""

    text: str
    icon: str


@dataclass(frozen=True)
class ReasonQuestion:
    """Why somebody does something to the series {name}; ``required``: not without a reason."""

    text: str
    required: bool = False


# By name; a status stands for the use of an annotated series.
COMMANDS = {
    "open": SeriesCommand("Open", "mdi-folder-open-outline"),
    "pin": SeriesCommand("Pin to the head …", "mdi-pin-outline"),
    "unpin": SeriesCommand("Unpin", "mdi-pin-off-outline"),
    "skip": SeriesCommand("Skip to the end …", "mdi-debug-step-over"),
    "unskip": SeriesCommand("Take back from the end", "mdi-undo-variant"),
    "exclude": SeriesCommand("Exclude …", "mdi-cancel"),
    "include": SeriesCommand("Include again", "mdi-plus-circle-outline"),
    "annotated": SeriesCommand("Use for training", "mdi-school-outline"),
    "validation": SeriesCommand("Use for validation", "mdi-scale-balance"),
    "test": SeriesCommand("Use for testing", "mdi-clipboard-check-outline"),
}
QUESTIONS = {
    "pin": ReasonQuestion("Why does {name} come first?"),
    "skip": ReasonQuestion("Why does {name} come last?"),
    "exclude": ReasonQuestion("Why is {name} left out?", required=True),
}


def offered_commands(row: QueueRow) -> list[str]:
    """Names of the commands in the menu of ``row``: what was done can be undone in its place."""
    return [
        "open",
        "unpin" if row.in_pool and row.pinned else "pin",
        "unskip" if row.in_pool and row.skipped else "skip",
        "include" if row.status == "excluded" else "exclude",
        *LABELED_STATUSES,
    ]


def possible_commands(row: QueueRow) -> list[str]:
    """Those of them that can be given now, where the project may be changed at all."""
    # Only what was annotated can be trained on or measured with.
    labeled = row.status in LABELED_STATUSES
    impossible = {
        "open": row.status == "excluded",
        "pin": not row.in_pool,
        "skip": not row.in_pool,
        **{status: not labeled or row.status == status for status in LABELED_STATUSES},
    }
    return [name for name in offered_commands(row) if not impossible.get(name, False)]
