"""Which journal a series has: the project's where one is open that knows it, else the scene's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import slicer

from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.node_journal import NodeJournal
from SAIMCore.project.journal import ProjectJournal
from SAIMCore.project.shared import ProjectLease, lease_project
from SAIMCore.session.journal import AnnotationJournal

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["SERIES_ATTRIBUTE", "Journals"]

# Set on a volume node by whoever loaded it from a project: the name of its series there.
SERIES_ATTRIBUTE = "SAIM.Series"


class Journals:
    """Journals of what ``annotator`` does, with a project open or without one."""

    def __init__(self, scene: slicer.vtkMRMLScene, annotator: str) -> None:
        self._scene = scene
        self._annotator = annotator
        self._lease: ProjectLease | None = None

    @property
    def project(self) -> Project | None:
        """The project that is open, which others in this process may share."""
        return None if self._lease is None else self._lease.project

    def use_project(self, folder: Path | None) -> None:
        """Open the project in ``folder`` instead of the one before; None: no project.

        Raises what ``Project.open`` raises, ProjectLockedError when another process works in it;
        then there is none.
        """
        known = None if self.project is None else self.project.folder
        if folder is not None and known == folder.resolve():
            return
        if self._lease is not None:
            self._lease.release()
            self._lease = None
        if folder is not None:
            self._lease = lease_project(folder)

    def of(
        self,
        grid: SliceGrid,
        segmentation: slicer.vtkMRMLSegmentationNode,
    ) -> AnnotationJournal:
        """The journal of the series with ``grid``, which is annotated in ``segmentation``."""
        series = self.series_of(grid)
        if series is not None and self.project is not None:
            return ProjectJournal(self.project, series, self._annotator)
        return NodeJournal(segmentation, self._scene, self._annotator, grid.fingerprint)

    def series_of(self, grid: SliceGrid) -> str | None:
        """The name in the project: as it is marked, else by the file that it was loaded from.

        None: it is no series of the project, or there is none. A volume on another grid is not
        that series any more (a crop of it, say).
        """
        if self.project is None:
            return None
        volume = grid.volume
        known = {
            record.name: record.source
            for record in self.project.series()
            if not record.geometry.difference(grid.geometry)
        }
        marked: str | None = volume.GetAttribute(SERIES_ATTRIBUTE)
        if marked in known:
            return marked
        storage = volume.GetStorageNode()
        file = None if storage is None else storage.GetFullNameFromFileName()
        if not file:
            return None
        loaded = Path(file).resolve()
        return next(
            (
                name
                for name, source in known.items()
                if loaded in {path.resolve() for path in (source.path, *source.files)}
            ),
            None,
        )
