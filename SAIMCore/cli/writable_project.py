"""Opening a project to change it, for every command that does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from SAIMCore.cli.console import Console
    from SAIMCore.project.project import Project

__all__ = ["open_for_writing"]


def open_for_writing(console: Console, folder: Path) -> Project:
    """Open the project in ``folder`` and say what was found in it: interrupted acceptances, say.

    They are found, and put aside, when a project is opened for writing, and at no other time, so
    the command that happens to open it is the one that must speak. Raises what ``Project.open``
    raises.
    """
    from SAIMCore.project.project import Project

    project = Project.open(folder)
    for warning in project.warnings:
        console.warn(warning)
    return project
