"""Making a project: complete under a temporary name first, then there at once."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.data.atomic import atomic_folder
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap
from SAIMCore.errors import ProjectError
from SAIMCore.project.annotations import Annotations
from SAIMCore.project.database import Database
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.preflight import Progress, preflight
from SAIMCore.project.records import LABELED_STATUSES
from SAIMCore.project.series import SeriesRegister
from SAIMCore.project.settings import ProjectSettings

__all__ = ["ANNOTATIONS", "CACHE", "IMPORTED", "MODELS", "RUNS", "create_project"]

ANNOTATIONS, CACHE, MODELS, RUNS = "annotations", "cache", "models", "runs"
# The annotator of labels that came with the images.
IMPORTED = "imported"


def create_project(
    folder: Path, plan: ImportPlan, settings: ProjectSettings, progress: Progress | None = None
) -> None:
    """Make the project ``folder`` with the series of ``plan``; the images stay where they are.

    Labels of annotated, validation and test series become their accepted annotations. ``progress``
    sees every series twice: when it is read and when it is filed.

    Raises the plan's problems (see ``preflight``) and ProjectError when ``folder`` already has
    content or cannot be written; in all cases nothing is left behind.
    """
    total = 2 * len(plan.series)
    _refuse_existing(folder)
    report = preflight(plan, _part(progress, 0, total))
    report.raise_problems()
    with atomic_folder(folder) as temporary, contextlib.ExitStack() as undo:
        for name in (ANNOTATIONS, CACHE, MODELS, RUNS):
            (temporary / name).mkdir()
        settings.write(temporary)
        Database.create(temporary, settings.database)
        if settings.database is not None:
            undo.callback(Database.drop, temporary, settings.database)
        database = Database(temporary, settings.database)
        undo.callback(database.close)
        filing = _Filing(temporary, database, settings)
        for done, planned in enumerate(plan.series):
            _tell(progress, len(plan.series) + done, total, planned.name)
            filing.add(planned, report.geometries[planned.name])
        undo.pop_all()
        # Closed before the folder gets its name, so that all of the database is in its one file.
        database.close()


@dataclass
class _Filing:
    """Puts planned series into a project that is being made."""

    folder: Path
    database: Database
    settings: ProjectSettings

    def add(self, planned: PlannedSeries, geometry: Geometry) -> None:
        classes = self.settings.classes
        series = SeriesRegister(self.database)
        annotations = Annotations(self.folder / ANNOTATIONS, self.database, series, classes)
        series.add(_absolute(planned), geometry)
        if planned.status in LABELED_STATUSES and planned.labels is not None:
            labels = read_labelmap(planned.labels, geometry, classes)
            annotations.accept(planned.name, labels, annotator=IMPORTED)


def _refuse_existing(folder: Path) -> None:
    """Say so before all images are read, not after."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ProjectError(
            f"{folder} already exists and is not empty; choose another folder for the project"
        )
    if not os.access(folder.parent, os.W_OK):
        raise ProjectError(
            f"{folder.parent} does not exist or cannot be written; choose another folder for the "
            "project, or create this one first"
        )
