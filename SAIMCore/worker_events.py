"""Reading what a training worker wrote about its training."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from SAIMCore.worker import EVENTS_FILE

__all__ = ["read_events"]


def read_events(run_folder: Path) -> Iterator[dict[str, Any]]:
    """The events of the training in ``run_folder``, oldest first; none when there is no file.

    A line that was cut off, by a kill or a full disk, is passed over.
    """
    path = run_folder / EVENTS_FILE
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event
