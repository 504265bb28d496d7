"""The training worker stops when it is asked to, and goes on later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from SAIMCore.job import TrainingJob
from SAIMCore.training.processes import Processes
from SAIMCore.training_run import TrainingRun
from SAIMCore.worker import FINISHED, STOP_FILE, STOPPED
from Testing.unit.worker_runs import TRAINING, Events, Worker, metrics, until, weights


@pytest.mark.parametrize("way", ["SIGTERM", "stop file", "closed standard input"])
def test_a_worker_stops_cleanly_when_asked_and_goes_on_later(
    run_folder: Path, uninterrupted: Path, way: str
) -> None:
    worker = Worker(run_folder, "--watch-stdin")
    until(worker, "epoch", 1)
    if way == "SIGTERM":
        worker.process.terminate()
    elif way == "stop file":
        (run_folder / STOP_FILE).touch()
    else:
        assert worker.process.stdin is not None
        worker.process.stdin.close()
    code, events, words = worker.finish()
    assert code == STOPPED, words
    assert events[-1]["event"] == "stopped"
    assert not (run_folder / "result.json").exists()
    (run_folder / STOP_FILE).unlink(missing_ok=True)
    assert Worker(run_folder).finish()[0] == FINISHED
    expected = weights(uninterrupted)
    assert all(torch.equal(value, expected[name]) for name, value in weights(run_folder).items())


def test_a_stop_in_the_last_evaluation_leaves_it_to_the_next_run(
    job: TrainingJob, tmp_path: Path
) -> None:
    events: Events = []
    short = replace(job, training=replace(TRAINING, epochs=1, steps_per_epoch=1))

    def evaluated() -> bool:
        return events[-1]["event"] == "evaluating"

    def run(should_stop: Callable[[], bool]) -> bool:
        return TrainingRun(short, tmp_path, Processes(), events.append, should_stop).run()

    assert not run(evaluated)
    assert events[-1]["event"] == "stopped"
    assert not (tmp_path / "result.json").exists()
    assert run(lambda: False)
    assert set(metrics(tmp_path)) == {"validation", "test"}
