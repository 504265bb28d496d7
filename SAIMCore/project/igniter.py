"""The igniter of a project: what ``[igniter]`` in its settings names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from SAIMCore.data.reading import read_series
from SAIMCore.errors import ProjectError
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.description import description_file
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import IgniterSeries
from SAIMCore.project.igniter_record import note_igniter_version
from SAIMCore.project.settings import IgniterSettings, ProjectSettings

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = [
    "igniter_before_model",
    "igniter_series",
    "igniter_stamp",
    "open_project_igniter",
    "open_set_igniter",
]


def open_project_igniter(
    folder: Path, settings: ProjectSettings, device: str | torch.device = "auto"
) -> MappedIgniter:
    """The igniter of the project in ``folder``, in the project's classes.

    It may be opened, and used, in any thread. Raises ProjectError when the project has none, and
    what ``open_set_igniter`` raises.
    """
    if settings.igniter is None:
        raise ProjectError(
            f"the project {folder} has no igniter; set one with 'saim igniter {folder} set FILE'"
        )
    return open_set_igniter(folder, settings, settings.igniter, device)


def open_set_igniter(
    folder: Path,
    settings: ProjectSettings,
    chosen: IgniterSettings,
    device: str | torch.device = "auto",
) -> MappedIgniter:
    """The igniter ``chosen``, in the classes of the project in ``folder``.

    Raises what ``open_igniter`` raises, and ConfigurationError when the mapping lacks a class of
    the igniter or names one that does not exist.
    """
    description = None if chosen.description is None else folder / chosen.description
    igniter = open_igniter(folder / chosen.path, device, description)
    mapping = ClassMapping(tuple(chosen.mapping.items()))
    return MappedIgniter(igniter, mapping, settings.classes)


def igniter_before_model(
    project: Project, device: str | torch.device = "auto"
) -> MappedIgniter | None:
    """The igniter, which does a model's work until there is one; None where it does not.

    Raises what opening it raises.
    """
    settings = project.settings
    if settings.igniter is None or project.models.current() is not None:
        return None
    igniter = open_project_igniter(project.folder, settings, device)
    note_igniter_version(project, settings.igniter, igniter.version)
    return igniter


def igniter_stamp(folder: Path, chosen: IgniterSettings) -> tuple[object, ...]:
    """What is another one when ``chosen`` of the project in ``folder`` has to be opened again.

    So its file or its description was written since, or it is another igniter.
    """
    file = folder / chosen.path
    about = chosen.description
    described = description_file(file) if about is None else folder / about
    return folder, chosen, *(_written(path) for path in (file, described))


def igniter_series(project: Project, name: str) -> IgniterSeries:
    """The series ``name`` of ``project``, as an igniter sees it.

    Raises ProjectError for an unknown series; what it reads raises InvalidImageError when the
    image is gone, has changed since it was added or cannot be read.
    """
    record = project.series_named(name)

    def intensities() -> NDArray[np.float32]:
        project.require_unchanged(record)
        return read_series(record.source).array

    return IgniterSeries(
        name,
        record.geometry,
        intensities,
        lambda options: project.cached(name, options).slices,
    )


def _written(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None
