"""The main function of the training worker, called in the process of the tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from SAIMCore import worker
from SAIMCore.job import JOB_FILE
from SAIMCore.training.run_lock import run_lock
from SAIMCore.training_run import TrainingRun
from SAIMCore.worker import EVENTS_FILE, FINISHED
from SAIMCore.worker_events import read_events


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], int]:
    """Runs the worker here, where it must not listen to signals, and waits for nobody."""
    monkeypatch.setattr(worker.StopRequest, "listen", lambda *_: None)
    monkeypatch.setattr(worker, "SECONDS_OF_PATIENCE", 0)
    return lambda folder: worker.main([str(folder)])


def test_a_second_worker_in_a_folder_gives_up_and_names_the_first(
    run_folder: Path, main: Callable[[Path], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with run_lock(run_folder, 0):
        assert main(run_folder) == 2
    event = json.loads(capsys.readouterr().out)
    assert f"another training process (process {os.getpid()}) is still" in event["message"]
    assert event["resumable"]
    # The log belongs to the first.
    assert not (run_folder / EVENTS_FILE).exists()


def test_a_folder_is_free_again_when_its_worker_has_ended(
    run_folder: Path, main: Callable[[Path], int]
) -> None:
    (run_folder / JOB_FILE).write_text("{", encoding="utf-8")
    for _ in range(2):
        assert main(run_folder) == 2
    assert (run_folder / EVENTS_FILE).read_text(encoding="utf-8").count("no readable") == 2
    with run_lock(run_folder, 0):
        pass


def test_a_line_that_a_kill_cut_off_is_dropped_from_the_log(
    run_folder: Path, main: Callable[[Path], int]
) -> None:
    (run_folder / JOB_FILE).write_text("{", encoding="utf-8")
    (run_folder / EVENTS_FILE).write_text('{"event": "start"}\n{"event": "st', encoding="utf-8")
    assert main(run_folder) == 2
    lines = (run_folder / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["start", "error"]


def test_an_error_that_nobody_foresaw_is_in_the_log_of_events(
    run_folder: Path, main: Callable[[Path], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(worker, "_run", broken)
    with pytest.raises(ZeroDivisionError):
        main(run_folder)
    (event,) = read_events(run_folder)
    assert event["message"] == "the training process failed: ZeroDivisionError: division by zero"
    assert not event["resumable"]


@pytest.mark.parametrize("polite", [True, False])
def test_a_worker_is_polite_when_it_is_told_to(
    run_folder: Path,
    main: Callable[[Path], int],
    monkeypatch: pytest.MonkeyPatch,
    polite: bool,
) -> None:
    done: list[object] = []
    monkeypatch.setattr(worker, "take_low_priority", lambda: done.append("priority"))
    monkeypatch.setattr(worker, "leave_device_memory", done.append)
    monkeypatch.setattr(TrainingRun, "run", lambda _: True)
    assert worker.main([str(run_folder), *(["--polite"] if polite else [])]) == FINISHED
    assert done == (["priority", torch.device("cpu")] if polite else [])


@pytest.mark.parametrize("size", [100, 200_000])
def test_a_disk_that_gets_full_is_said_and_the_training_can_go_on(
    run_folder: Path,
    main: Callable[[Path], int],
    capsys: pytest.CaptureFixture[str],
    size: int,
    largest_file: Any,
) -> None:
    # The smaller limit meets the log of events, the larger one the first checkpoint.
    with largest_file(size):
        code = main(run_folder)
    out, err = capsys.readouterr()
    assert code == 2
    event = json.loads(out.splitlines()[-1])
    assert event["event"] == "error"
    assert event["resumable"]
    assert event["message"].startswith(f"cannot write {run_folder}")
    assert "raise the limit" in event["message"]
    assert event["message"] in err
    assert "Traceback" not in err
