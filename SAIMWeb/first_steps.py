"""What to do with a project in which nobody can click yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.project.records import ModelRecord

__all__ = ["first_steps"]


def first_steps(
    folder: Path, rows: Sequence[QueueRow], models: Sequence[ModelRecord], igniter: bool = False
) -> str:
    """What the project in ``folder`` lacks for series to be clicked in, "" when nothing.

    igniter: whether it has one, which is clicked in until there is a model.
    """
    if not rows:
        return f"This project has no series. End this program, then: saim add {folder} --images DIR"
    if igniter or any(model.current for model in models):
        return ""
    if models:
        return "No model is in use. Choose one of the list under Model."
    counts = Counter(row.status for row in rows)
    if not counts["annotated"]:
        return (
            "There is no model yet, and no annotated series to train one with. Begin with somebody "
            "else's model (Proposals, under Model), annotate a few in 3D Slicer, or end this "
            f"program and give the project labelmaps: saim annotate {folder} --labels DIR"
        )
    if not counts["validation"]:
        return (
            "There is no model yet. Before one can be trained, use an annotated series for "
            "validation (in the menu of its row), by which the best epoch is chosen."
        )
    return (
        "There is no model yet. Choose Train under Model: it learns from the annotated series "
        f"({counts['annotated']}). Until then series can be looked at, but not clicked in, unless "
        "somebody else's model proposes (Proposals, there)."
    )
