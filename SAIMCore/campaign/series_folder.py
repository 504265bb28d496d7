"""A project's series from one folder, with as little said as possible."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from SAIMCore.campaign.class_names import classes_from_labels
from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.importers.planning import plan_collection, plan_import
from SAIMCore.project.importers.preflight import Progress, silent
from SAIMCore.project.importers.splits import read_splits

__all__ = ["SeriesFolder", "look_into"]

DATASET_FILE, SPLITS_FILE = "dataset.json", "splits.json"
IMAGES, LABELS = "images", "labels"


@dataclass(frozen=True)
class SeriesFolder:
    """Where the parts of a folder of series are; None: it has no such part.

    Either dataset (a dataset.json, which says where all is) or images (a folder) is known.
    """

    dataset: Path | None = None
    images: Path | None = None
    labels: Path | None = None
    splits: Path | None = None

    @property
    def tells_classes(self) -> bool:
        """Whether there is anything in it from which the classes may be known."""
        return any((self.dataset, self.labels, self.splits))

    def plan(
        self,
        classes: ClassTable | None = None,
        *,
        initial: float | None = None,
        labeled_only: bool = False,
        seed: int = 0,
        progress: Progress = silent,
    ) -> ImportPlan:
        """Plan a project from its series; the other arguments are those of ``plan_import``.

        Classes that nothing names are called after their label values, for which all labelmaps are
        read (``progress``). initial counts only where there is no splits file, which says it
        already. Raises what ``plan_import`` and ``classes_from_labels`` raise.
        """
        if self.dataset is not None:
            return plan_import(
                dataset=self.dataset,
                classes=classes,
                initial=initial,
                labeled_only=labeled_only,
                seed=seed,
            )
        assert self.images is not None
        collection = collect_folders(self.images, self.labels)
        splits = None if self.splits is None else str(self.splits)
        if classes is None and (splits is None or read_splits(splits).classes is None):
            classes = classes_from_labels(collection.series, progress)
        return plan_collection(
            collection,
            splits=splits,
            classes=classes,
            initial=initial if splits is None else None,
            labeled_only=labeled_only,
            seed=seed,
        )


def look_into(place: Path) -> SeriesFolder:
    """What there is in ``place``.

    place: a folder with ``images`` (and ``labels``, and ``splits.json``), one with ``dataset.json``
    or such a file, or one in which the images themselves lie, perhaps beside ``labels`` and
    ``splits.json``. Raises ProjectError when it is none of these; images are not looked for yet.
    """
    if not place.exists():
        raise ProjectError(f"{place} does not exist; give a folder of series")
    if place.is_file():
        if place.suffix.lower() != ".json":
            raise ProjectError(f"{place} is a file; give the folder it lies in, or a dataset.json")
        return SeriesFolder(dataset=place)
    if (place / DATASET_FILE).is_file():
        return SeriesFolder(dataset=place / DATASET_FILE)
    images, labels, splits = place / IMAGES, place / LABELS, place / SPLITS_FILE
    return SeriesFolder(
        images=images if images.is_dir() else place,
        labels=labels if labels.is_dir() else None,
        splits=splits if splits.is_file() else None,
    )
