"""Starting the training worker and listening to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import SAIMCore
from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.errors import TrainingError
from SAIMCore.worker import FAILED, FINISHED, STOP_FILE, STOPPED

__all__ = [
    "LOG_FILE",
    "WORKER",
    "TrainingInterruptedError",
    "WorkerKilledError",
    "WorkerProcess",
    "last_words",
    "start_worker",
]

LOG_FILE = "worker.log"
# What Python is told to run.
WORKER = ("-m", "SAIMCore.worker")


class TrainingInterruptedError(TrainingError):
    """Something outside the training ended it, such as a full disk; started again it goes on."""


class WorkerKilledError(TrainingInterruptedError):
    """The worker ended by a signal."""


def start_worker(folder: Path, arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start Python with ``arguments`` to work in ``folder``; earlier requests to stop are void.

    What it prints to standard error goes to ``worker.log``. ``options`` are those of ``Popen``.
    Raises ProjectError when the disk is full or read-only.
    """
    # The package may be importable only because Slicer put its folder on the path.
    package_parent = str(Path(SAIMCore.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    with disk_errors_named(folder):
        (folder / STOP_FILE).unlink(missing_ok=True)
        with (folder / LOG_FILE).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                stderr=log,
                env={**os.environ, "PYTHONPATH": path},
                **options,
            )


def last_words(folder: Path, since: int = 0) -> str:
    """The last line of ``worker.log`` behind its byte ``since``, empty when there is none."""
    try:
        written = (folder / LOG_FILE).read_bytes()[since:]
    except OSError:
        # The folder may have been deleted under the worker.
        return ""
    text = written.decode("utf-8", errors="replace")
    return "".join(text.strip().splitlines()[-1:])


class WorkerProcess:
    """The worker for one run folder, in a process (and process group) of its own.

    It ends, with its state saved, when this process ends for whatever reason. What it prints to
    standard error goes to ``worker.log`` in the run folder.

    Raises ProjectError when the disk is full or read-only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = start_worker(
            folder,
            (*WORKER, str(folder), "--watch-stdin"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl+C in the terminal must reach us alone: we ask the worker to stop.
            start_new_session=True,
        )

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the worker's events until it ends.

        Raises TrainingInterruptedError when it was killed, or says that it can go on as it is; else
        TrainingError with the worker's own sentence when it failed, or its last words and the log
        file when it left none.
        """
        assert self._process.stdout is not None
        failure: dict[str, Any] | None = None
        for line in self._process.stdout:
            if not line.endswith(b"\n"):
                # It was killed while it wrote this.
                break
            event: dict[str, Any] = json.loads(line)
            if event["event"] == "error":
                failure = event
            yield event
        code = self._process.wait()
        if code == FAILED and failure:
            kind = TrainingInterruptedError if failure["resumable"] else TrainingError
            raise kind(failure["message"])
        if code < 0:
            raise WorkerKilledError(
                f"the training process was killed ({signal.Signals(-code).name}); start the "
                "training again and it goes on from what was saved"
            )
        if code not in (FINISHED, STOPPED):
            log = self._folder / LOG_FILE
            words = last_words(self._folder) or "it said nothing"
            raise TrainingError(f"the training process failed: {words} (log: {log})")

    def stop(self) -> None:
        """Ask the worker to stop after its present step; ``events`` goes on until it has."""
        (self._folder / STOP_FILE).touch()

    def kill(self) -> None:
        """End the worker and all its children at once; the last saved state stays."""
        if self._process.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
