"""Making a project: complete under a temporary name first, then there at once."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from SAIMCore.data.atomic import TEMPORARY_PREFIX, atomic_folder
from SAIMCore.errors import ProjectError
from SAIMCore.project.annotations import Annotations
from SAIMCore.project.connection import DATABASE_FILE
from SAIMCore.project.database import Database
from SAIMCore.project.filed_classes import check_filed_classes
from SAIMCore.project.filing import file_series
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.importers.preflight import Progress, preflight, silent
from SAIMCore.project.series import SeriesRegister
from SAIMCore.project.settings import SETTINGS_FILE, ProjectSettings

__all__ = ["ANNOTATIONS", "CACHE", "MODELS", "RUNS", "SESSIONS", "create_project"]

ANNOTATIONS, CACHE, MODELS, RUNS = "annotations", "cache", "models", "runs"
# Made with its first file: earlier projects lack it.
SESSIONS = "sessions"
# All but the settings, which make a folder a project.
_PARTS = (ANNOTATIONS, CACHE, MODELS, RUNS, DATABASE_FILE)


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
    with atomic_folder(folder, SETTINGS_FILE) as temporary, contextlib.ExitStack() as undo:
        for name in (ANNOTATIONS, CACHE, MODELS, RUNS):
            (temporary / name).mkdir()
        settings.write(temporary)
        Database.create(temporary, settings.database)
        if settings.database is not None:
            undo.callback(Database.drop, temporary, settings.database)
        # Closed before the folder gets its name, so that all of the database is in its one file.
        with contextlib.closing(Database(temporary, settings.database)) as database:
            check_filed_classes(database, settings.classes)
            annotations = Annotations(
                temporary / ANNOTATIONS, database, SeriesRegister(database), settings.classes
            )
            file_series(
                plan.series,
                report,
                database,
                annotations,
                lambda done, count, name: progress(count + done, total, name),
            )
        undo.pop_all()


def _refuse_existing(folder: Path) -> None:
    """Say so before all images are read, not after."""
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if found and all(name in _PARTS or name.startswith(TEMPORARY_PREFIX) for name in found):
        raise ProjectError(
            f"{folder} holds what an interrupted 'saim init' left ({', '.join(found)}); remove "
            "that and try again"
        )
    if found or folder.is_file():
        raise ProjectError(
            f"{folder} already exists and is not empty; choose another folder for the project"
        )
    place = folder if folder.is_dir() else folder.parent
    if not os.access(place, os.W_OK):
        raise ProjectError(
            f"{place} does not exist or cannot be written; choose another folder for the project, "
            "or create this one first"
        )
