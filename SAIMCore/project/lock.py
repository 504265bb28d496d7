"""One writer per project, whatever happens to its process.

The operating system holds the lock and lets go of it when the process ends, however it ends. It is
a lock on the file, not on its name: it goes along when the folder is renamed and comes back with
it. A network share that was away may have lost it, and another process may have it then, which is
why it is taken anew (``take_again``) before anything is written.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from SAIMCore.data.atomic import write_json
from SAIMCore.errors import ProjectError, ProjectLockedError
from SAIMCore.project.clock import computer_time

__all__ = ["HOLDER_FILE", "LOCK_FILE", "ProjectLock", "current_writer", "login_name"]

LOCK_FILE = "project.lock"
# Who holds the lock stands in a file of its own: on Windows a locked file cannot be read, and some
# versions of filelock empty the file that they try to lock.
HOLDER_FILE = "project.holder.json"
# Whoever asks for the writer has the lock for an instant; this is longer.
WAITING_SECONDS = 0.5
# Two that ask at once must not take each other for a writer.
ASKING_SECONDS = 0.1


class ProjectLock:
    """The right to write to the project in ``folder``, held until ``release``.

    Raises ProjectLockedError naming the holder when someone else has it, and ProjectError when
    the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._holder = folder / HOLDER_FILE
        self._take()

    def take_again(self) -> None:
        """Take the lock that the folder has now, after the folder was away.

        Raises what making a lock raises; it can be tried again.
        """
        self._let_go()
        self._take()

    def release(self) -> None:
        """Let others write, also while the folder is away."""
        if self._lock.is_locked:
            # While the folder is away its note stays; the lock decides.
            with contextlib.suppress(OSError):
                self._holder.unlink(missing_ok=True)
            self._let_go()

    def _let_go(self) -> None:
        # The file may be gone for good; what is left of the lock ends with the process.
        with contextlib.suppress(OSError):
            self._lock.release()

    def _take(self) -> None:
        # thread_local=False: a project may be closed by another thread than opened it.
        self._lock = FileLock(self._folder / LOCK_FILE, thread_local=False)
        try:
            self._lock.acquire(timeout=WAITING_SECONDS)
        except Timeout as error:
            raise ProjectLockedError(
                f"the project {self._folder} is open for writing by "
                f"{_describe_holder(self._holder)}; close it there, or open it read-only"
            ) from error
        except OSError as error:
            raise ProjectError(
                f"the project {self._folder} cannot be locked for writing ({error.strerror}); open "
                "it read-only, or make its folder writable"
            ) from error
        try:
            write_json(self._holder, _this_process())
        except ProjectError:
            self._lock.release()
            raise


def current_writer(folder: Path) -> str | None:
    """Who has the project in ``folder`` open for writing now, as a phrase; None when nobody has.

    The lock decides, not the holder's note: a killed process leaves its note behind, and its number
    may be another's by now, or mean nothing in a restarted container. Asking takes the lock for an
    instant, for which a writer waits.
    """
    path = folder / LOCK_FILE
    if not path.exists():
        return None
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=ASKING_SECONDS)
    except Timeout:
        return _describe_holder(folder / HOLDER_FILE)
    except OSError:
        # Where nothing can be locked nobody can write, at least not from here.
        return None
    lock.release()
    return None


def _this_process() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "user": login_name(),
        "since": computer_time(),
    }


def login_name() -> str:
    """Who runs this process, "unknown" where the system does not say."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # No login name and no account for the user number, as in some containers.
        return "unknown"


def _describe_holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return (
            f"process {holder['pid']} of {holder['user']} on {holder['host']} "
            f"(since {holder['since']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
