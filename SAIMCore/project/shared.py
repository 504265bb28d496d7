"""One open project for all who work with it in this process: the panel and the effect, say.

The lock of a project belongs to whoever opened it, so two of one process would shut each other out.
"""

from __future__ import annotations

import threading
from pathlib import Path

from SAIMCore.errors import ProjectLockedError
from SAIMCore.project.project import Project

__all__ = ["ProjectLease", "lease_project"]


class ProjectLease:
    """The right to use an open ``project`` until ``release``. Made by ``lease_project``.

    read_only_because: who writes to the project, so that it is open read-only; "" when it is not.
    """

    def __init__(self, shared: _SharedProject) -> None:
        self._shared: _SharedProject | None = shared
        self.project = shared.project
        self.read_only_because = shared.read_only_because

    def release(self) -> None:
        """Give the project back; the last who does so closes it. A second time does nothing."""
        with _leasing:
            if self._shared is not None:
                self._shared.give_back()
                self._shared = None


class _SharedProject:
    """An open project, and how many leases of it are out."""

    def __init__(self, place: tuple[Path, bool], project: Project, read_only_because: str) -> None:
        self.project = project
        self.read_only_because = read_only_because
        self._place = place
        self._leases = 0
        _shared[place] = self

    def lease(self) -> ProjectLease:
        self._leases += 1
        return ProjectLease(self)

    def give_back(self) -> None:
        self._leases -= 1
        if self._leases == 0:
            del _shared[self._place]
            self.project.close()


# What is open, by the folder and whether it can be written; both may be open for a while.
_shared: dict[tuple[Path, bool], _SharedProject] = {}
_leasing = threading.Lock()


def lease_project(folder: Path, *, read_only_if_locked: bool = False) -> ProjectLease:
    """The project in ``folder``, opened for writing unless this process has it open already.

    With ``read_only_if_locked``, while another process writes to it, it is opened read-only. Such
    a lease stays read-only: when the other process has ended, ask for another lease. From any
    thread.

    Raises what ``Project.open`` raises, ProjectLockedError when another process writes to it.
    """
    folder = Path(folder).resolve()
    writable, read_only = (folder, True), (folder, False)
    with _leasing:
        if writable in _shared:
            return _shared[writable].lease()
        try:
            return _SharedProject(writable, Project.open(folder), "").lease()
        except ProjectLockedError as error:
            if not read_only_if_locked:
                raise
            because = str(error)
        if read_only not in _shared:
            _SharedProject(read_only, Project.open(folder, read_only=True), because)
        return _shared[read_only].lease()
