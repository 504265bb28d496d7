"""The events of a training are read whatever happened to the worker that wrote them."""

from __future__ import annotations

import io
import os
from pathlib import Path

from SAIMCore.worker import EVENTS_FILE, EventWriter
from SAIMCore.worker_events import EventReader, read_events


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


# -- as they come ---------------------------------------------------------------------------------


def append(folder: Path, content: bytes) -> None:
    with (folder / EVENTS_FILE).open("ab") as file:
        file.write(content)


def test_a_reader_gives_every_event_once(tmp_path: Path) -> None:
    reader = EventReader(tmp_path)
    assert reader.read() == []
    append(tmp_path, b'{"event": "start"}\n')
    assert reader.read() == [{"event": "start"}]
    assert reader.read() == []
    append(tmp_path, b'{"event": "epoch"}\n{"event": "finished"}\n')
    assert [event["event"] for event in reader.read()] == ["epoch", "finished"]


def test_a_reader_waits_for_the_rest_of_a_line(tmp_path: Path) -> None:
    reader = EventReader(tmp_path)
    append(tmp_path, b'{"event": "start"}\n{"event": "ep')
    assert reader.read() == [{"event": "start"}]
    assert reader.read() == []
    append(tmp_path, b'och"}\n')
    assert reader.read() == [{"event": "epoch"}]


def test_a_reader_goes_on_where_the_next_worker_cut_off_half_a_line(tmp_path: Path) -> None:
    reader = EventReader(tmp_path)
    append(tmp_path, b'{"event": "start"}\n{"event": "ep')
    reader.read()
    os.truncate(tmp_path / EVENTS_FILE, len(b'{"event": "start"}\n'))
    append(tmp_path, b'{"event": "preparing"}\n')
    assert reader.read() == [{"event": "preparing"}]


def test_a_reader_begins_again_with_a_folder_that_was_made_anew(tmp_path: Path) -> None:
    reader = EventReader(tmp_path)
    append(tmp_path, b'{"event": "start"}\n{"event": "epoch"}\n')
    reader.read()
    (tmp_path / EVENTS_FILE).write_bytes(b'{"event": "preparing"}\n')
    assert reader.read() == [{"event": "preparing"}]


def test_of_steps_in_a_row_a_reader_gives_the_last_one(tmp_path: Path) -> None:
    log = EventWriter(io.StringIO())
    log.keep_in(tmp_path)
    for step in (1, 2, 2):
        # The last step of an epoch is always written.
        log({"event": "step", "step": step, "steps": step})
    log({"event": "epoch", "epoch": 1})
    log({"event": "step", "step": 1, "steps": 1})
    log.close()
    assert len(list(read_events(tmp_path))) == 5
    found = [(event["event"], event.get("step")) for event in EventReader(tmp_path).read()]
    assert found == [("step", 2), ("epoch", None), ("step", 1)]
