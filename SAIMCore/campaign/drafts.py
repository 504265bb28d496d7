"""What was drawn in a series and is not accepted yet, where no session has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.data.geometry import from_slices, to_slices
from SAIMCore.data.reading import read_labelmap, write_labelmap
from SAIMCore.errors import SaimError
from SAIMCore.project.journal import session_path
from SAIMCore.session.session_file import read_session

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import SeriesRecord

__all__ = ["Drafts", "first_labels"]

SUFFIX = ".draft.nii.gz"


class Drafts:
    """Labelmaps ``sessions/NAME.draft.nii.gz`` of ``project``, one for a series.

    A series has a session as soon as it was annotated with clicks; before there is a model, and
    with the program's other tools alone, a draft is all that is kept of it.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def path(self, name: str) -> Path:
        """The file of the series ``name``; it need not be there."""
        return self._project.sessions_folder / f"{name}{SUFFIX}"

    def keep(self, name: str, labels: NDArray[np.uint8]) -> None:
        """Keep ``labels`` (K, J, I; class indices) in place of an earlier draft.

        Raises ProjectError when that cannot be written, InvalidLabelmapError when they do not fit.
        """
        project = self._project
        project.require_writable()
        file = self.path(name)
        with disk_errors_named(file.parent):
            file.parent.mkdir(exist_ok=True)
        write_labelmap(file, labels, project.series_named(name).geometry, project.classes)

    def discard(self, name: str) -> None:
        """Remove a draft that has been accepted; fine where there is none."""
        with disk_errors_named(self.path(name)):
            self.path(name).unlink(missing_ok=True)


def first_labels(project: Project, name: str) -> NDArray[np.uint8] | None:
    """Class indices (K, J, I) with which the segments of a series begin; None: with nothing.

    Its draft or its annotation, whichever is newer. A session that was kept later knows better what
    is on the slices that were touched in it. Raises ProjectError for an unknown series, and
    InvalidLabelmapError when the file is damaged.
    """
    record = project.series_named(name)
    files = [Drafts(project).path(name)]
    if record.annotation is not None:
        files.append(project.annotations.path(name))
    file = max(files, key=_written)
    if not _written(file):
        return None
    labels = read_labelmap(file, record.geometry, project.classes)
    session = session_path(project, name)
    return _with_session(labels, session, record) if _written(session) > _written(file) else labels


def _written(file: Path) -> int:
    """When a file was written, 0 if it is not there."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _with_session(
    labels: NDArray[np.uint8], session: Path, record: SeriesRecord
) -> NDArray[np.uint8]:
    shape, axis = record.geometry.stack_shape, record.geometry.acquisition_axis
    try:
        states = read_session(session, shape, record.name).states
    except SaimError:
        # Whoever opens the series is told, and it is kept aside.
        return labels
    slices = to_slices(labels, axis).copy()
    for index, state in states.items():
        if state.touched:
            slices[index] = 0 if state.labels is None else state.labels
    return np.ascontiguousarray(from_slices(slices, axis))
