"""Figures are collected whatever became of the files of a training."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.experiments.collection import _start_event
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord


def _model(round_number: int) -> ModelRecord:
    return ModelRecord(
        version="round-001", round=round_number, folder=Path("models/round-001"), validation=None,
        test=None, parent=None, created="2024-01-01", published=None, current=False,
    )  # fmt: skip


def test_a_cut_off_line_of_the_events_does_not_stop_the_report(project: Project) -> None:
    folder = project.runs_folder / "round-001"
    folder.mkdir(parents=True)
    # The first worker was killed in the middle of its first line, the second one in its last.
    lines = ('{"event": "sta', '{"event": "start", "device": "cpu"}', '{"event": "ep')
    (folder / "events.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert _start_event(project, _model(1)) == {"event": "start", "device": "cpu"}


def test_events_that_were_deleted_are_not_known(project: Project) -> None:
    assert _start_event(project, _model(7)) == {}
