"""Reading what a training worker wrote about its training."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from SAIMCore.worker import EVENTS_FILE

__all__ = ["EventReader", "read_events"]

# In every step event as ``EventWriter`` writes it, and in no other.
STEP = b'"event": "step"'


def read_events(run_folder: Path) -> Iterator[dict[str, Any]]:
    """The events of the training in ``run_folder``, oldest first; none when there is no file.

    A line that was cut off, by a kill or a full disk, is passed over.
    """
    path = run_folder / EVENTS_FILE
    if path.is_file():
        yield from _parsed(path.read_bytes().splitlines())


class EventReader:
    """Reads the events of a run folder as they come, each byte of the file once."""

    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / EVENTS_FILE
        self._offset = 0

    def read(self) -> list[dict[str, Any]]:
        """The events that were written since the last call, oldest first.

        Of steps in a row only the last one, which says all that the others said. A line that is
        not yet whole is left to a later call; where the file cannot be read now there is nothing.
        """
        try:
            size = self._path.stat().st_size
            if size == self._offset:
                return []
            if size < self._offset:
                # Another file than before: the run folder was deleted and made anew.
                self._offset = 0
            with self._path.open("rb") as file:
                file.seek(self._offset)
                content = file.read()
        except OSError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        lines = whole.splitlines()
        return list(
            _parsed(
                line
                for line, following in zip(lines, [*lines[1:], b""], strict=False)
                if STEP not in line or STEP not in following
            )
        )


def _parsed(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line.decode("utf-8", errors="replace"))
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event
