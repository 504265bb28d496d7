"""Making a project: complete under a temporary name first, then there at once."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from SAIMCore.data.atomic import atomic_folder
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap
from SAIMCore.errors import ProjectError
from SAIMCore.project.annotations import Annotations
from SAIMCore.project.database import Database
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.preflight import Progress, preflight, silent
from SAIMCore.project.records import LABELED_STATUSES
from SAIMCore.project.series import SeriesRegister
from SAIMCore.project.settings import ProjectSettings

__all__ = ["ANNOTATIONS", "CACHE", "IMPORTED", "MODELS", "RUNS", "create_project"]

ANNOTATIONS, CACHE, MODELS, RUNS = "annotations", "cache", "models", "runs"
# The annotator of labels that came with the images.
IMPORTED = "imported"


def create_project(
    folder: Path, plan: ImportPlan, settings: ProjectSettings, progress: Progress = silent
) -> None:
    """Make the project ``folder`` with the series of ``plan``; the images stay where they are.

    Labels of annotated, validation and test series become their accepted annotations. ``progress``
    sees every series twice: when it is read and when it is filed.

    Raises the plan's problems (see ``preflight``) and ProjectError when ``folder`` already has
    content or cannot be written; in all cases nothing is left behind.
    """
    _refuse_existing(folder)
    total = 2 * len(plan.series)
    report = preflight(plan, lambda done, _, name: progress(done, total, name))
    report.raise_problems()
    with atomic_folder(folder) as temporary, contextlib.ExitStack() as undo:
        for name in (ANNOTATIONS, CACHE, MODELS, RUNS):
            (temporary / name).mkdir()
        settings.write(temporary)
        Database.create(temporary, settings.database)
        if settings.database is not None:
            undo.callback(Database.drop, temporary, settings.database)
        # Closed before the folder gets its name, so that all of the database is in its one file.
        with contextlib.closing(Database(temporary, settings.database)) as database:
            series = SeriesRegister(database)
            annotations = Annotations(temporary / ANNOTATIONS, database, series, settings.classes)
            for done, planned in enumerate(plan.series, start=len(plan.series)):
                progress(done, total, planned.name)
                _file(planned, report.geometries[planned.name], series, annotations)
        undo.pop_all()


def _file(
    planned: PlannedSeries, geometry: Geometry, series: SeriesRegister, annotations: Annotations
) -> None:
    series.add(planned.source, geometry, planned.status, planned.labels)
    if planned.status in LABELED_STATUSES and planned.labels is not None:
        labels = read_labelmap(planned.labels, geometry, annotations.classes)
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
