"""The events of a training are read whatever happened to the worker that wrote them."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.worker import EVENTS_FILE
from SAIMCore.worker_events import read_events


def test_events_come_in_their_order(tmp_path: Path) -> None:
    lines = '{"event": "start", "epochs": 5}\n{"event": "epoch", "epoch": 1}\n'
    (tmp_path / EVENTS_FILE).write_text(lines, encoding="utf-8")
    assert list(read_events(tmp_path)) == [
        {"event": "start", "epochs": 5},
        {"event": "epoch", "epoch": 1},
    ]


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    # The second worker went on behind what the first one left of its last line.
    content = b'{"event": "sta{"event": "start"}\n\xff\n12\n{"event": "epoch"}\n{"event": "ep'
    (tmp_path / EVENTS_FILE).write_bytes(content)
    assert list(read_events(tmp_path)) == [{"event": "epoch"}]


def test_without_a_file_there_are_no_events(tmp_path: Path) -> None:
    assert list(read_events(tmp_path)) == []
