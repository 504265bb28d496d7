"""Where a model is: in a project, or in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from SAIMCore.checkpoint import CONFIG_FILE
from SAIMCore.errors import CheckpointError, ProjectError
from SAIMCore.project.project import Project
from SAIMCore.project.settings import SETTINGS_FILE

__all__ = ["ModelSource", "find_model"]


@dataclass(frozen=True)
class ModelSource:
    """The ``folder`` of a model, and the ``project`` whose current one it is, if it is one's."""

    folder: Path
    project: Path | None = None


def find_model(path: Path) -> ModelSource:
    """What a person means with ``path``: a project, a model folder, or a file in one of them.

    Raises ProjectError for a project without a model, or one that cannot be opened, and
    CheckpointError where there is neither.
    """
    folder = path if path.is_dir() else path.parent
    if (folder / SETTINGS_FILE).is_file():
        with Project.open(folder, read_only=True) as project:
            current = project.models.current()
        if current is None:
            raise ProjectError(
                f"the project {folder} has no model yet; train one with 'saim train {folder}'"
            )
        return ModelSource(current.folder, folder.absolute())
    if (folder / CONFIG_FILE).is_file():
        return ModelSource(folder.absolute())
    raise CheckpointError(
        f"{path} is neither a project ({SETTINGS_FILE}) nor a model ({CONFIG_FILE}); choose the "
        "folder of one"
    )
