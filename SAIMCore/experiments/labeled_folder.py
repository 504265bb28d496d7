"""An emulated scenario's series from a folder of labeled ones, with as little said as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from SAIMCore.classes import ClassTable
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.planning import plan_import

__all__ = ["plan_scenario"]

DATASET_FILE, SPLITS_FILE = "dataset.json", "splits.json"
# SAIM, section 4.2: the loop began with 15 % of the pelvis series.
INITIAL_SHARE = 0.15
LARGEST_UNNAMED = 254


def plan_scenario(data: Path, classes: ClassTable | None = None, seed: int = 0) -> ImportPlan:
    """Plan a project for the emulated scenario from ``data``.

    data: a folder with ``images`` and ``labels`` (and ``splits.json``), a folder with
    ``dataset.json``, or such a file. Classes that nothing names are called after their label
    values. Without splits, a fifth of the series each is for validation and test, and of the rest
    a small initial set that shows every class is annotated; the others are the pool.

    Raises ProjectError when ``data`` has neither form, and what ``plan_import`` raises.
    """
    dataset = data if data.is_file() else data / DATASET_FILE
    if dataset.is_file():
        return _with_pool(plan_import(dataset=dataset, classes=classes, seed=seed), seed)
    images, labels = data / "images", data / "labels"
    if not images.is_dir() or not labels.is_dir():
        raise ProjectError(
            f"{data} has neither a dataset.json nor the folders images and labels; the emulated "
            "scenario needs series with reference labels"
        )
    splits = data / SPLITS_FILE
    if splits.is_file():
        return plan_import(images, labels, splits=str(splits), classes=classes)
    if classes is None:
        classes = _classes_found(collect_folders(images, labels).series)
    return _with_pool(plan_import(images, labels, classes=classes, seed=seed), seed)


def _classes_found(series: Sequence[PlannedSeries]) -> ClassTable:
    """A class for every label value in the labels of ``series``."""
    every = ClassTable.from_values(
        {value: f"class {value}" for value in range(LARGEST_UNNAMED + 1)}
    )
    found = {0}
    for entry in series:
        found |= _present(entry, every)
    return ClassTable.from_values({value: f"class {value}" for value in sorted(found)})


def _present(entry: PlannedSeries, classes: ClassTable) -> set[int]:
    """Indices of the classes that the labels of a series show."""
    if entry.labels is None:
        return set()
    geometry = read_series(entry.source).geometry
    return set(np.unique(read_labelmap(entry.labels, geometry, classes)).tolist())


def _with_pool(plan: ImportPlan, seed: int) -> ImportPlan:
    """Keep a small initial set annotated and move the other training series to the pool."""
    training = [entry for entry in plan.series if entry.status == "annotated"]
    order = [training[place] for place in np.random.default_rng(seed).permutation(len(training))]
    count = max(1, round(INITIAL_SHARE * len(order)))
    initial: set[str] = set()
    missing = set(range(len(plan.classes)))
    for entry in order:
        if len(initial) >= count and not missing:
            break
        present = _present(entry, plan.classes)
        # Past its size the set grows only by series that show a class for the first time.
        if len(initial) < count or present & missing:
            initial.add(entry.name)
            missing -= present
    series = tuple(
        replace(entry, status="unannotated")
        if entry.status == "annotated" and entry.name not in initial
        else entry
        for entry in plan.series
    )
    note = (
        f"{len(initial)} of the {len(order)} training series are annotated at the start, the "
        "others are the pool"
    )
    return replace(plan, series=series, notes=(*plan.notes, note))
