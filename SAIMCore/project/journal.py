"""What is kept of the work on a series of a project: its session, interactions and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Interaction

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.session.interactive import InteractiveSession

__all__ = ["ProjectJournal", "session_path"]

SUFFIX = ".session"


def session_path(project: Project, series_name: str) -> Path:
    """The file of the session of a series; it need not be there."""
    return project.sessions_folder / f"{series_name}{SUFFIX}"


class ProjectJournal:
    """The ``AnnotationJournal`` of the series ``series_name``, on which ``annotator`` works.

    The session is ``sessions/NAME.session``: one for a series, so that whoever opens it next goes
    on with it. A sitting begins with the first interaction or activity. Where the project is open
    read-only, everything can be read, and keeping raises ProjectError.

    Raises ProjectError when the project has no such series.
    """

    def __init__(self, project: Project, series_name: str, annotator: str) -> None:
        self._project = project
        self._name = project.series_named(series_name).name
        self._annotator = annotator
        self._file = session_path(project, series_name)
        self._sitting: int | None = None
        self._time = 0

    def saved(self) -> BinaryIO | None:
        # Else a session would seem not to be there, and be begun anew.
        self._project.require_reachable()
        self._time = self._written()
        try:
            return self._file.open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ProjectError(
                f"cannot read the session file {self._file} ({error.strerror}); make it readable"
            ) from error

    def log(self, interactions: Sequence[Interaction], model_version: str | None) -> None:
        self._begin()
        self._project.interactions.add(self._name, interactions, self._annotator, model_version)

    def add_active(self, seconds: float) -> None:
        if seconds != 0:
            self._project.sessions.add_active(self._begin(), seconds)

    @property
    def seconds_active(self) -> float:
        sittings = self._project.sessions.all(self._name)
        return float(sum(record.seconds_active for record in sittings))

    def write(self, session: InteractiveSession) -> Callable[[], None]:
        self._project.require_writable()
        folder = self._file.parent
        with disk_errors_named(folder):
            folder.mkdir(exist_ok=True)
        if self.outdated():
            # Another editor of this process went on with the series meanwhile.
            self.set_aside()
        session.save(self._file)
        self._time = self._written()
        return _nothing

    def outdated(self) -> bool:
        try:
            self._project.require_reachable()
        except ProjectError:
            # Nobody knows; whoever keeps something now is told.
            return False
        return self._written() != self._time

    def set_aside(self) -> None:
        self._project.require_writable()
        number = 1
        while (aside := self._file.with_suffix(f".{number}{SUFFIX}")).exists():
            number += 1
        with disk_errors_named(self._file.parent):
            self._file.rename(aside)
        self._time = 0

    def _written(self) -> int:
        """When the session file was written, 0 if there is none."""
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0

    def _begin(self) -> int:
        """The sitting of this journal."""
        if self._sitting is None:
            file: Path = self._file.relative_to(self._project.folder)
            self._sitting = self._project.sessions.begin(self._name, self._annotator, file)
        return self._sitting


def _nothing() -> None:
    """The file is complete, and the scene has no part in it."""
