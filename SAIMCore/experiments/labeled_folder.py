"""An emulated scenario's series from a folder of labeled ones, with as little said as possible."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.campaign.class_names import classes_from_labels
from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.importers.planning import plan_import

__all__ = ["plan_scenario"]

DATASET_FILE, SPLITS_FILE = "dataset.json", "splits.json"
# SAIM, section 4.2: the loop began with 15 % of the pelvis series.
INITIAL_SHARE = 0.15


def plan_scenario(data: Path, classes: ClassTable | None = None, seed: int = 0) -> ImportPlan:
    """Plan a project for the emulated scenario from ``data``.

    data: a folder with ``images`` and ``labels`` (and ``splits.json``), a folder with
    ``dataset.json``, or such a file. Classes that nothing names are called after their label
    values. Without splits, a fifth of the series each is for validation and test, and of the rest
    a small initial set that shows every class is annotated; the others are the pool. Series without
    labels are left out with a note, since the virtual user cannot annotate them.

    Raises ProjectError when ``data`` has neither form, and what ``plan_import`` raises.
    """
    dataset = data if data.is_file() else data / DATASET_FILE
    if dataset.is_file():
        return plan_import(
            dataset=dataset, classes=classes, initial=INITIAL_SHARE, labeled_only=True, seed=seed
        )
    images, labels = data / "images", data / "labels"
    if not images.is_dir() or not labels.is_dir():
        raise ProjectError(
            f"{data} has neither a dataset.json nor the folders images and labels; the emulated "
            "scenario needs series with reference labels"
        )
    splits = data / SPLITS_FILE
    if splits.is_file():
        return plan_import(images, labels, splits=str(splits), classes=classes, labeled_only=True)
    if classes is None:
        classes = classes_from_labels(collect_folders(images, labels).series)
    return plan_import(
        images, labels, classes=classes, initial=INITIAL_SHARE, labeled_only=True, seed=seed
    )
