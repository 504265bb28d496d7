"""One training process per run folder, whatever happens to it.

The operating system holds the lock and lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from SAIMCore.data.atomic import write_text
from SAIMCore.errors import ProjectError, TrainingError

__all__ = [
    "SECONDS_OF_PATIENCE",
    "RunFolderBusyError",
    "holder_of",
    "is_at_work",
    "run_lock",
]

LOCK_FILE = "worker.lock"
# In a file of its own: on Windows a locked file cannot be read.
HOLDER_FILE = "worker.pid"
# A worker that was asked to stop answers after its present step or batch.
SECONDS_OF_PATIENCE = 20.0


class RunFolderBusyError(TrainingError):
    """Another training process is at work in the run folder."""


@contextmanager
def run_lock(folder: Path, patience: float) -> Iterator[None]:
    """Be the only one who trains in ``folder`` (or deletes it) while the block runs.

    Waits up to ``patience`` seconds for another process to end. Raises RunFolderBusyError naming
    it when it does not.
    """
    # thread_local=False: a training may be given up by another thread than began it.
    lock = FileLock(folder / LOCK_FILE, thread_local=False)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise RunFolderBusyError(
            f"another training process ({_holder(folder)}) is still at work in {folder}; wait "
            "until it has stopped, or end it, and try again"
        ) from error
    try:
        # Only the words of an error need it: a full disk must not keep anyone from cleaning up.
        with contextlib.suppress(ProjectError):
            write_text(folder / HOLDER_FILE, f"{os.getpid()}\n")
        yield
    finally:
        (folder / HOLDER_FILE).unlink(missing_ok=True)
        lock.release()


def is_at_work(folder: Path) -> bool:
    """Whether a training process is at work in ``folder`` now.

    Asking takes the lock for an instant, for which a worker that starts waits. Where the lock
    cannot be asked for (a read-only disk, a network share that is away) it counts as held.
    """
    path = folder / LOCK_FILE
    if not path.exists():
        return False
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def holder_of(folder: Path) -> int | None:
    """Number of the process that says it is at work in ``folder``; a killed one still does.

    It means nothing on another computer than the one where that process runs.
    """
    try:
        return int((folder / HOLDER_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _holder(folder: Path) -> str:
    number = holder_of(folder)
    return "process unknown" if number is None else f"process {number}"
