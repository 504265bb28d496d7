"""The model that a command is to use: the current one, an earlier one, or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project

__all__ = ["load_predictor", "model_folder"]


def model_folder(project: Project, model: str | None = None) -> Path:
    """Folder of the model called ``model``: a version, "current" (also None), or a model folder.

    Raises ProjectError when there is none.
    """
    if model in (None, "current"):
        current = project.models.current()
        if current is None:
            raise ProjectError(
                f"the project has no model yet; train one with 'saim train {project.folder}'"
            )
        return current.folder
    assert model is not None
    known = {record.version: record.folder for record in project.models.all()}
    if model not in known and Path(model).is_dir():
        return Path(model)
    return project.models.named(model).folder


def load_predictor(project: Project, model: str | None, device: str) -> Predictor:
    """The predictor of ``model`` (see ``model_folder``), which must be of the project's classes.

    Raises ProjectError when there is no such model, CheckpointError when its files are damaged or
    made for other classes, ConfigurationError for a device that does not exist.
    """
    from SAIMCore.predictor import Predictor

    return Predictor.load(model_folder(project, model), device, project.classes)
