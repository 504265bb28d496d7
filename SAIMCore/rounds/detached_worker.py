"""A training worker that outlives the process that started it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from SAIMCore.errors import ProjectError
from SAIMCore.rounds.worker_process import LOG_FILE, WORKER, last_words, start_worker
from SAIMCore.training.run_lock import holder_of, is_at_work
from SAIMCore.worker import STOP_FILE

__all__ = ["DetachedWorker"]

# What Python ends with after an error that nobody caught.
CRASHED = 1
SECONDS_TO_DIE = 10.0


def _separate() -> dict[str, Any]:
    """Options of ``Popen`` with which a process lives on when its parent's session ends."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


class DetachedWorker:
    """The worker of one run folder, started by this process (``start``) or by one before it.

    It says what it does in the folder's ``events.jsonl`` alone.
    """

    def __init__(
        self, folder: Path, process: subprocess.Popen[bytes] | None = None, log_size: int = 0
    ) -> None:
        self._folder = folder
        self._process = process
        self._log_size = log_size

    @classmethod
    def start(
        cls, folder: Path, entry: Sequence[str] = WORKER, polite: bool = True
    ) -> DetachedWorker:
        """Start a worker; ``entry`` is what Python runs with the folder.

        A polite one leaves processor and GPU to whoever works on the machine. Raises ProjectError
        when the disk is full or read-only.
        """
        log = folder / LOG_FILE
        log_size = log.stat().st_size if log.exists() else 0
        process = start_worker(
            folder,
            (*entry, str(folder), *(["--polite"] if polite else [])),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **_separate(),
        )
        return cls(folder, process, log_size)

    def is_at_work(self) -> bool:
        """Whether this worker, or another one in its folder, has not ended yet."""
        if self._process is not None and self._process.poll() is None:
            return True
        return is_at_work(self._folder)

    def silent_end(self) -> tuple[str, bool]:
        """Why a worker has ended that left no word in its log, and whether it can just go on."""
        code = None if self._process is None else self._process.poll()
        if code is None:
            return (
                "the training process ended without a word, as after a restart of the computer",
                True,
            )
        if code < 0:
            return f"the training process was killed ({signal.Signals(-code).name})", True
        words = last_words(self._folder, self._log_size)
        if not words:
            return (
                f"the training process ended without a word (exit code {code}), as on a full disk",
                True,
            )
        return f"the training process failed: {words}", code != CRASHED

    def stop(self) -> None:
        """Ask the worker to stop after its present step, with its state saved.

        Raises ProjectError when the folder cannot be written.
        """
        try:
            (self._folder / STOP_FILE).touch()
        except OSError as error:
            raise ProjectError(
                f"the training cannot be asked to stop ({error}); check that its folder can be "
                "reached and written, and try again"
            ) from error

    def kill(self) -> None:
        """End the worker and its children at once, if they run on this computer."""
        with contextlib.suppress(psutil.Error):
            worker = self._worker()
            if worker is None:
                return
            family = [*worker.children(recursive=True), worker]
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family, SECONDS_TO_DIE)

    def _worker(self) -> psutil.Process | None:
        """The process that is at work, None where it is none of this computer."""
        if self._process is not None:
            return psutil.Process(self._process.pid) if self._process.poll() is None else None
        number = holder_of(self._folder)
        worker = None if number is None else psutil.Process(number)
        # The number may be another's by now, or that of a process on another computer.
        return worker if worker is not None and str(self._folder) in worker.cmdline() else None
