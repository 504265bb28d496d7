"""The training worker: ``python -m SAIMCore.worker RUN_FOLDER``.

It trains what ``RUN_FOLDER/job.json`` describes, prints one JSON object per line to standard
output and appends the same lines to ``events.jsonl``. It ends cleanly, with its state saved, on
SIGTERM, SIGINT, a file ``stop`` in the run folder or, with ``--watch-stdin``, the end of standard
input (so that it does not outlive a parent that crashed). Started again it goes on where it was.
With ``--polite`` it leaves processor and GPU to whoever works on the machine meanwhile.
With torchrun or ``accelerate launch`` it trains on several processes. A second worker for the same
folder waits a little for the first one to end, and gives up when it does not.

Exit codes: 0 finished, 2 a problem named in the last event, 3 stopped and can be resumed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from SAIMCore.data.atomic import disk_errors_named, remove_leftovers
from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.threads import limit_spinning
from SAIMCore.training.politeness import leave_device_memory, take_low_priority
from SAIMCore.training.run_lock import SECONDS_OF_PATIENCE, RunFolderBusyError, run_lock

__all__ = ["EVENTS_FILE", "FINISHED", "STOPPED", "STOP_FILE", "main"]

EVENTS_FILE, STOP_FILE = "events.jsonl", "stop"
FINISHED, FAILED, STOPPED = 0, 2, 3
SECONDS_BETWEEN_STEP_EVENTS = 0.25


class EventWriter:
    """Writes events as JSON lines to standard output and, once told which, to the run folder."""

    def __init__(self, output: IO[str]) -> None:
        self._output: IO[str] | None = output
        self._log: IO[bytes] | None = None
        self._last_step = 0.0

    def keep_in(self, folder: Path) -> None:
        """From now on append the events to the log in ``folder``. Raises OSError."""
        # Unbuffered: what a full disk refused must not come again when the file is closed.
        self._log = (folder / EVENTS_FILE).open("ab", buffering=0)

    def __call__(self, event: dict[str, Any]) -> None:
        now = time.time()
        last_of_epoch = event.get("step") == event.get("steps")
        if event["event"] == "step" and not last_of_epoch:
            # A GPU makes many steps a second; nobody reads that many lines.
            if now - self._last_step < SECONDS_BETWEEN_STEP_EVENTS:
                return
            self._last_step = now
        line = json.dumps({"time": round(now, 3), **event}) + "\n"
        self._append(line.encode())
        self._print(line)

    def _append(self, line: bytes) -> None:
        while self._log is not None and line:
            # On a disk that gets full the first part may still fit.
            line = line[self._log.write(line) :]

    def fail(self, error: SaimError) -> None:
        """The last event: why the training ended.

        It is resumable when nothing is wrong with the training itself: a full disk, or another
        process that is still at work.
        """
        self._end(str(error), isinstance(error, ProjectError | RunFolderBusyError))

    def _end(self, message: str, resumable: bool) -> None:
        event = {"event": "error", "message": message, "resumable": resumable}
        try:
            self(event)
        except OSError:
            # The disk is full: then only those who listen hear of it.
            self._log = None
            self(event)

    def _print(self, line: str) -> None:
        if self._output is None:
            return
        try:
            self._output.write(line)
            self._output.flush()
        except OSError:
            # The parent is gone (on Windows that is no BrokenPipeError); the events still go to the
            # run folder.
            self._output = None

    def close(self) -> None:
        if self._log is not None:
            self._log.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say what nobody foresaw, when that is the end, and close the log."""
        if isinstance(error, Exception):
            words = traceback.format_exception_only(error)[-1].strip()
            self._end(f"the training process failed: {words}", resumable=False)
        self.close()


def _cut_unfinished_line(path: Path) -> None:
    """Drop the end of a line that a kill or a full disk cut off."""
    content = path.read_bytes() if path.exists() else b""
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)


class StopRequest:
    """Whether somebody asked the worker to stop."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / STOP_FILE
        self._asked = threading.Event()

    def __call__(self) -> bool:
        return self._asked.is_set() or self._file.exists()

    def listen(self, watch_stdin: bool) -> None:
        """Listen to signals and, if asked to, for the end of standard input."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._asked.set())
        if watch_stdin:
            threading.Thread(target=self._wait_for_parent, daemon=True).start()

    def _wait_for_parent(self) -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        self._asked.set()


def main(arguments: list[str] | None = None) -> int:
    """Run the worker; returns the exit code."""
    limit_spinning()
    parser = argparse.ArgumentParser(prog="python -m SAIMCore.worker", description=__doc__)
    parser.add_argument("folder", type=Path, help="run folder with job.json")
    parser.add_argument(
        "--watch-stdin", action="store_true", help="stop when standard input is closed"
    )
    parser.add_argument(
        "--polite", action="store_true", help="leave processor and GPU to others who need them"
    )
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"{options.folder} is no folder; give the run folder of a job", file=sys.stderr)
        return FAILED
    if options.polite:
        take_low_priority()
    stop = StopRequest(options.folder)
    stop.listen(options.watch_stdin)
    with EventWriter(sys.stdout) as events:
        try:
            with disk_errors_named(options.folder), _only_worker(options.folder):
                events.keep_in(options.folder)
                return _run(options.folder, events, stop, options.polite)
        except SaimError as error:
            events.fail(error)
            print(error, file=sys.stderr)
            return FAILED


@contextlib.contextmanager
def _only_worker(folder: Path) -> Iterator[None]:
    """Keep other workers out of ``folder``; of several processes of one training the first does."""
    if os.environ.get("RANK", "0") != "0":
        yield
        return
    with run_lock(folder, SECONDS_OF_PATIENCE):
        remove_leftovers(folder)
        _cut_unfinished_line(folder / EVENTS_FILE)
        yield


def _run(folder: Path, events: EventWriter, stop: StopRequest, polite: bool) -> int:
    # Imported here so that a missing folder or a bad job is answered at once.
    from SAIMCore.job import TrainingJob
    from SAIMCore.training.processes import process_group
    from SAIMCore.training_run import TrainingRun

    job = TrainingJob.read(folder)
    with process_group(job.device) as processes:
        if polite:
            leave_device_memory(processes.device(job.device))
        quiet = events if processes.first else _ignore
        finished = TrainingRun(job, folder, processes, quiet, stop).run()
    return FINISHED if finished else STOPPED


def _ignore(event: dict[str, Any]) -> None:
    """Events of all processes but the first, which speaks for them."""


if __name__ == "__main__":
    sys.exit(main())
