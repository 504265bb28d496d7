"""What writers that were killed left in a project."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.data.atomic import remove_leftovers
from SAIMCore.data.cache import SeriesCache
from SAIMCore.project.creation import ANNOTATIONS, CACHE, MODELS, SESSIONS

__all__ = ["remove_project_leftovers"]


def remove_project_leftovers(folder: Path) -> None:
    """Remove unfinished files from the project in ``folder``, whose lock the caller holds.

    The folders of the runs are their workers' own.
    """
    models = folder / MODELS
    for part in (folder, folder / ANNOTATIONS, folder / SESSIONS, models, *models.glob("*/")):
        remove_leftovers(part)
    SeriesCache(folder / CACHE).remove_leftovers()
