"""What answers clicks: the model or the igniter of a project, or a model in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from SAIMCore.checkpoint import CONFIG_FILE
from SAIMCore.errors import CheckpointError, ProjectError
from SAIMCore.project.project import Project
from SAIMCore.project.settings import SETTINGS_FILE, IgniterSettings
from SAIMCore.rounds.proposer import Proposing, who_proposes

__all__ = ["ModelSource", "find_model"]


@dataclass(frozen=True)
class ModelSource:
    """Where answers come from.

    folder: of the model that answers clicks; None: there is none, and ``igniter`` does. project:
    the one whose current model or igniter it is, if it is one's. igniter: that of the project as
    long as it is what proposes; None: the model does.
    """

    folder: Path | None
    project: Path | None = None
    igniter: IgniterSettings | None = None


def find_model(path: Path) -> ModelSource:
    """What a person means with ``path``: a project, a model folder, or a file in one of them.

    Raises ProjectError for a project with neither model nor igniter, or one that cannot be opened,
    and CheckpointError where there is neither.
    """
    folder = path if path.is_dir() else path.parent
    if (folder / SETTINGS_FILE).is_file():
        return _of_project(folder)
    if (folder / CONFIG_FILE).is_file():
        return ModelSource(folder.absolute())
    raise CheckpointError(
        f"{path} is neither a project ({SETTINGS_FILE}) nor a model ({CONFIG_FILE}); choose the "
        "folder of one"
    )


def _of_project(folder: Path) -> ModelSource:
    with Project.open(folder, read_only=True) as project:
        current = project.models.current()
        proposes = who_proposes(project).kind is Proposing.IGNITER
        igniter = project.settings.igniter if proposes else None
    if current is None and igniter is None:
        raise ProjectError(
            f"the project {folder} has no model yet; train one with 'saim train {folder}', or "
            f"begin with somebody else's: 'saim igniter {folder} set FILE'"
        )
    return ModelSource(None if current is None else current.folder, folder.absolute(), igniter)
