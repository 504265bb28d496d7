"""The folder of an open project can go, with its disk or network share, and come back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.exc import OperationalError

from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.project.settings import SETTINGS_FILE

__all__ = ["ReachableFolder"]


class ReachableFolder:
    """The project's ``folder``, looked for before each use; asked by any thread.

    ``returned`` is called when it was away, or may have been, before it is used again: what was
    opened in it then is not open in it now. An open file follows a folder that is renamed, and is
    of no use after a network share was connected anew.

    Raises ProjectError when the folder is not there.
    """

    def __init__(self, folder: Path, returned: Callable[[], None]) -> None:
        self._folder = folder
        self._returned = returned
        self._looking = threading.Lock()
        self._identity: tuple[int, int] | None = self._look()

    def require(self) -> None:
        """Raise ProjectError when the folder is not there."""
        with self._looking:
            try:
                found = self._look()
            except ProjectError:
                self._identity = None
                raise
            if found != self._identity:
                self._returned()
                self._identity = found

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Require the folder, and blame its absence for an error in the block if it went away."""
        self.require()
        try:
            yield
        except (OperationalError, OSError, SaimError) as error:
            try:
                self.require()
            except ProjectError as gone:
                raise gone from error
            if isinstance(error, OperationalError):
                # It may have been away for a moment.
                with self._looking:
                    self._identity = None
            raise

    def _look(self) -> tuple[int, int]:
        try:
            # An empty folder stays where a disk was mounted.
            (self._folder / SETTINGS_FILE).stat()
            found = self._folder.stat()
        except OSError as error:
            raise ProjectError(
                f"the project {self._folder} cannot be reached ({error.strerror}); nothing that "
                "was accepted is lost: connect its disk or network share again, or put the folder "
                "back, and go on"
            ) from error
        return found.st_dev, found.st_ino
