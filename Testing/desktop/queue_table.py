"""The table of the queue: its columns, the series in it, and other rows for it."""

from __future__ import annotations

from collections.abc import Sequence

from SAIMCore.campaign.queue import QueueRow
from Testing.desktop.clinic import Clinic

__all__ = [
    "ANNOTATOR",
    "CLICKS",
    "MODEL",
    "NAME",
    "POOL",
    "PREDICTED",
    "RANK",
    "REASON",
    "SCORE",
    "SPENT",
    "STATUS",
    "show",
]

POOL = ["pool_a", "pool_b", "pool_c", "pool_d"]
NAME, STATUS, SCORE, RANK, MODEL, PREDICTED, ANNOTATOR, SPENT, CLICKS, REASON = range(1, 11)


def show(clinic: Clinic, rows: Sequence[QueueRow]) -> None:
    """Let the queue have these rows."""
    clinic.campaign.queue._show(list(rows))
    clinic.panel.rows_changed(None)
