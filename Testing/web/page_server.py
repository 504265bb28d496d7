"""A server of the page in a process of its own, and what it leaves in its project."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SAIMCore.interactions import Interaction
from SAIMCore.project.journal import session_path
from SAIMCore.project.project import Project
from SAIMCore.session.session_content import SessionContent
from SAIMCore.session.session_file import read_session

SECONDS = 60
# What ``python -m SAIMWeb`` does.
PROGRAM = "from SAIMWeb.__main__ import main\nraise SystemExit(main())"
_numbers = itertools.count()


class PageServer:
    """before: what it does first, so that it is slow or fails. within: a command that runs it."""

    def __init__(
        self,
        project: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        before: str = "",
        within: Sequence[str] = (),
    ) -> None:
        self.project = project
        command = [*within, sys.executable, "-c", f"{before}\n{PROGRAM}", str(project)]
        self._log_file = project.parent / f"server-{next(_numbers)}.log"
        self._log = self._log_file.open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [*command, "--port", "0", "--device", "cpu", *arguments],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.address = self._address()

    def stop(self) -> int:
        """As somebody does who presses Ctrl+C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(SECONDS)
        finally:
            # Where it did not end; nothing is left of it.
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self._log.close()

    @property
    def log(self) -> str:
        """What it complained of so far."""
        return self._log_file.read_text(encoding="utf-8")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rstrip("/").rpartition(":")[2])

    def kill(self) -> None:
        """As kill -9 does."""
        self.process.kill()
        self.stop()

    def _address(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("SAIM is at "):
                return line.split()[3]
        raise AssertionError(f"it did not start: {self.log}")


def kept_session(folder: Path, name: str) -> SessionContent | None:
    """The session of a series as it is on the disk."""
    with Project.open(folder, read_only=True) as project:
        path = session_path(project, name)
        if not path.exists():
            return None
        return read_session(path, project.cached(name).slices.shape, name)


def kept_interactions(folder: Path, name: str) -> list[Interaction]:
    """All interactions of a series that are on the disk, slice by slice."""
    session = kept_session(folder, name)
    if session is None:
        return []
    return [
        interaction
        for _, state in sorted(session.states.items())
        for interaction in state.interactions
    ]


def accepted_labels(folder: Path, name: str) -> NDArray[np.uint8] | None:
    """The annotation of a series (K, J, I), None before it is accepted."""
    with Project.open(folder, read_only=True) as project:
        if project.series_named(name).annotation is None:
            return None
        return project.annotations.load(name)


def status(folder: Path, name: str) -> str:
    """The status of a series."""
    with Project.open(folder, read_only=True) as project:
        return project.series_named(name).status
