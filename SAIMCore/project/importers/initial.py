"""A small initial set out of labeled training series; the others play the pool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from SAIMCore.classes import ClassTable
from SAIMCore.data.reading import label_values
from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries

__all__ = ["with_initial_set"]


def with_initial_set(plan: ImportPlan, initial: float, seed: int) -> ImportPlan:
    """Keep a small initial set of ``plan`` annotated; the other training series become the pool.

    Their labels stay known as reference labels, for the virtual user. initial: how many series (an
    ``int``), or which share of the training series (a ``float``; at least one). The set is drawn
    with ``seed`` and grows past its size by series that show a class for the first time, since a
    class without a voxel cannot be trained.

    Raises ProjectError when there are fewer training series than ``initial`` asks for.
    """
    training = [entry for entry in plan.series if entry.status == "annotated"]
    if isinstance(initial, int) and initial > len(training):
        raise ProjectError(
            f"{initial} series are to be annotated at the start, but only {len(training)} labeled "
            "series are for training; ask for fewer, or give more labels"
        )
    count = initial if isinstance(initial, int) else max(1, round(initial * len(training)))
    order = [training[place] for place in np.random.default_rng(seed).permutation(len(training))]
    names = _initial_set(order, int(count), plan.classes)
    series = tuple(
        replace(entry, status="unannotated")
        if entry.status == "annotated" and entry.name not in names
        else entry
        for entry in plan.series
    )
    note = (
        f"{len(names)} of the {len(training)} training series are annotated at the start, the "
        "others are the pool"
    )
    return replace(plan, series=series, notes=(*plan.notes, note))


def _initial_set(order: list[PlannedSeries], count: int, classes: ClassTable) -> set[str]:
    """Names of the first ``count`` series, and of later ones that show a class missing so far."""
    initial: set[str] = set()
    missing = {entry.value for entry in classes}
    for entry in order:
        if len(initial) >= count and not missing:
            break
        present = _values(entry.labels)
        if len(initial) < count or present & missing:
            initial.add(entry.name)
            missing -= present
    return initial


def _values(labels: Path | None) -> set[int]:
    if labels is None:
        return set()
    try:
        return label_values(labels)
    except SaimError:
        # The preflight names this file, together with all others that cannot be used.
        return set()
