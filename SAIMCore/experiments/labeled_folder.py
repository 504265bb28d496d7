"""An emulated scenario's series from a folder of labeled ones, with as little said as possible."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.campaign.series_folder import look_into
from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.importers.preflight import Progress, silent

__all__ = ["plan_scenario"]

# SAIM, section 4.2: the loop began with 15 % of the pelvis series.
INITIAL_SHARE = 0.15


def plan_scenario(
    data: Path, classes: ClassTable | None = None, seed: int = 0, progress: Progress = silent
) -> ImportPlan:
    """Plan a project for the emulated scenario from ``data``.

    data: what ``look_into`` takes, with labels. Classes that nothing names are called after their
    label values (``progress`` while these are read). Without splits, a fifth of the series each is
    for validation and test, and of the rest a small initial set that shows every class is
    annotated; the others are the pool. Series without labels are left out with a note, since the
    virtual user cannot annotate them.

    Raises ProjectError when ``data`` has no labels, and what ``SeriesFolder.plan`` raises.
    """
    found = look_into(data)
    if found.dataset is None and found.labels is None:
        raise ProjectError(
            f"{data} has neither a dataset.json nor a folder of labels beside its images; the "
            "emulated scenario needs series with reference labels"
        )
    return found.plan(
        classes, initial=INITIAL_SHARE, labeled_only=True, seed=seed, progress=progress
    )
