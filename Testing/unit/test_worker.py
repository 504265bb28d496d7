"""The training worker as its parents meet it: a process, JSON lines, kills and resumption."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from SAIMCore.checkpoint import load_checkpoint
from SAIMCore.job import TrainingJob
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.worker import EVENTS_FILE, FINISHED
from Testing.unit.worker_runs import CLASSES, TRAINING, Events, Worker, metrics, until, weights


def test_a_finished_run_leaves_a_checkpoint_with_its_metrics(uninterrupted: Path) -> None:
    result = json.loads((uninterrupted / "result.json").read_text(encoding="utf-8"))
    checkpoint = uninterrupted / result["checkpoint"]
    metrics = json.loads((checkpoint / "metrics.json").read_text(encoding="utf-8"))
    assert set(metrics) == {"validation", "test"}
    assert set(metrics["test"]["clicks"]) == {"0", "1"}
    assert load_checkpoint(checkpoint, CLASSES)[1].version == "round-001"


def test_events_are_json_lines_and_are_kept_in_the_run_folder(uninterrupted: Path) -> None:
    seen = json.loads((uninterrupted / "seen.json").read_text(encoding="utf-8"))
    lines = (uninterrupted / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == seen
    kinds = [event["event"] for event in seen]
    assert kinds[:2] == ["preparing", "start"]
    assert kinds.count("epoch") == TRAINING.epochs
    assert kinds[-1] == "finished"
    assert all(event["time"] > 0 for event in seen)


def test_a_killed_worker_resumes_exactly(run_folder: Path, uninterrupted: Path) -> None:
    worker = Worker(run_folder)
    until(worker, "epoch", 2)
    worker.process.send_signal(signal.SIGKILL)
    assert worker.finish()[0] == -signal.SIGKILL
    code, events, words = Worker(run_folder).finish()
    assert code == FINISHED, words
    assert "resumed" in [event["event"] for event in events]
    expected = weights(uninterrupted)
    assert all(torch.equal(value, expected[name]) for name, value in weights(run_folder).items())


# Runs the worker, which kills itself at its first event of a kind.
KILL_AT = """
import os, signal, sys
from SAIMCore import worker
kind, write = sys.argv.pop(), worker.EventWriter.__call__
def watched(events, event):
    write(events, event)
    if event["event"] == kind:
        os.kill(os.getpid(), signal.SIGKILL)
worker.EventWriter.__call__ = watched
sys.exit(worker.main())
"""


def test_kills_before_the_first_state_and_in_the_last_evaluation_change_nothing(
    run_folder: Path, uninterrupted: Path
) -> None:
    leftover = run_folder / ".saim-writing-0123456789ab-state.safetensors"
    leftover.write_bytes(b"half")
    for kind in ("step", "evaluating"):
        code, events, _ = Worker(run_folder, kind, launcher=("-c", KILL_AT)).finish()
        assert (code, events[-1]["event"]) == (-signal.SIGKILL, kind)
        assert (run_folder / STATE_FILE).exists() == (kind == "evaluating")
    code, events, words = Worker(run_folder).finish()
    assert code == FINISHED, words
    assert not any(event["event"] == "step" for event in events)
    expected = weights(uninterrupted)
    assert all(torch.equal(value, expected[name]) for name, value in weights(run_folder).items())
    assert metrics(run_folder) == metrics(uninterrupted)
    assert not leftover.exists()


def losses(events: Events) -> list[float]:
    return [event["loss"] for event in events if event["event"] == "epoch"]


def test_two_processes_follow_the_loss_curve_of_one(job: TrainingJob, tmp_path: Path) -> None:
    # Each process has its own batch statistics on the CPU (SyncBatchNorm needs CUDA), so the
    # curves are alike, not equal; slices of 64 pixels give these statistics enough values.
    shared = replace(
        job,
        model=replace(job.model, size=64),
        training=replace(TRAINING, batch_size=8, learning_rate=3e-4),
    )
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
                "-m", "SAIMCore.worker")  # fmt: skip
    curves = []
    for name, arguments in (("one", {}), ("two", {"launcher": launcher})):
        shared.write(tmp_path / name)
        code, events, words = Worker(tmp_path / name, **arguments).finish()
        assert code == FINISHED, words
        curves.append(losses(events))
    assert [event["processes"] for event in events if event["event"] == "start"] == [2]
    assert curves[1][0] == pytest.approx(curves[0][0], rel=0.05)
    assert curves[1] == pytest.approx(curves[0], rel=0.15)


def test_a_job_survives_its_file(job: TrainingJob, tmp_path: Path) -> None:
    job.write(tmp_path)
    assert TrainingJob.read(tmp_path) == job
