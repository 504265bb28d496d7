"""The training worker as its parents meet it: a process, JSON lines, kills and stops."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAIMCore import worker
from SAIMCore.checkpoint import ModelConfig, load_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.reading import write_labelmap
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ConfigurationError
from SAIMCore.job import JOB_FILE, LabeledSource, TrainingJob
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.processes import Processes
from SAIMCore.training.run_lock import run_lock
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.training_run import TrainingRun
from SAIMCore.worker import EVENTS_FILE, FINISHED, STOP_FILE, STOPPED, EventWriter
from SAIMCore.worker_events import read_events

CLASSES = ClassTable.from_names(["background", "organ", "lesion"])
SIDE, SLICES = 24, 4
TRAINING = TrainingConfig(
    epochs=3, batch_size=4, steps_per_epoch=2, validation_clicks=1, learning_rate=1e-3
)

Events = list[dict[str, Any]]


def write_series(folder: Path, name: str, seed: int) -> LabeledSource:
    """A labelmap of nested squares; the image is the labelmap itself, which is easy to learn."""
    geometry = Geometry((SIDE, SIDE, SLICES), (1, 1, 3), (5, -7, 2), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    labels = np.zeros((SLICES, SIDE, SIDE), np.uint8)
    rng = np.random.default_rng(seed)
    for index in range(SLICES):
        row, column = rng.integers(1, SIDE - 11, 2)
        labels[index, row : row + 10, column : column + 10] = 1
        labels[index, row + 3 : row + 7, column + 3 : column + 7] = 2
    path = folder / f"{name}.nii.gz"
    write_labelmap(path, labels, geometry, CLASSES)
    return LabeledSource(SeriesSource(name, path, (path,)), path)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> TrainingJob:
    folder = tmp_path_factory.mktemp("series")
    network = NetworkConfig(3, encoder="resnet18", decoder_channels=(16, 16, 8, 8, 8))
    return TrainingJob(
        ModelConfig(network, CLASSES, PreprocessingOptions(), 32, "round-001", {}),
        TRAINING,
        folder / "cache",
        {
            "training": (write_series(folder, "a", 0), write_series(folder, "b", 1)),
            "validation": (write_series(folder, "c", 2),),
            "test": (write_series(folder, "d", 3),),
        },
        device="cpu",
        pretrained=False,
    )


class Worker:
    """A worker process for one run folder."""

    def __init__(self, folder: Path, *arguments: str, launcher: tuple[str, ...] = ()) -> None:
        self.folder = folder
        command = [sys.executable, *(launcher or ("-m", "SAIMCore.worker")), str(folder)]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def events(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def finish(self) -> tuple[int, Events, str]:
        """Exit code, remaining events, standard error."""
        events = list(self.events())
        assert self.process.stderr is not None
        words = self.process.stderr.read()
        return self.process.wait(), events, words


def until(worker: Worker, kind: str, epoch: int) -> None:
    """Read events up to the first one of ``kind`` in ``epoch``."""
    for event in worker.events():
        if event["event"] == kind and event.get("epoch") == epoch:
            return
    raise AssertionError(f"the worker ended before {kind} of epoch {epoch}")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return load_checkpoint(folder / result["checkpoint"])[0].state_dict()


def losses(events: Events) -> list[float]:
    return [event["loss"] for event in events if event["event"] == "epoch"]


@pytest.fixture(scope="module")
def uninterrupted(job: TrainingJob, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uninterrupted")
    job.write(folder)
    code, events, words = Worker(folder).finish()
    assert code == FINISHED, words
    (folder / "seen.json").write_text(json.dumps(events), encoding="utf-8")
    return folder


@pytest.fixture
def run_folder(job: TrainingJob, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    job.write(folder)
    return folder


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


def metrics(folder: Path) -> Any:
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return json.loads((folder / result["checkpoint"] / "metrics.json").read_text(encoding="utf-8"))


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


# -- in this process ------------------------------------------------------------------------------


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


# -- several processes ----------------------------------------------------------------------------


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


def test_what_makes_a_training_impossible_is_said_in_one_sentence(
    job: TrainingJob, tmp_path: Path
) -> None:
    replace(job, series={**job.series, "validation": ()}).write(tmp_path / "run")
    code, events, words = Worker(tmp_path / "run").finish()
    assert code == 2
    assert events[-1]["event"] == "error"
    assert "no validation series" in events[-1]["message"]
    assert words.strip() == events[-1]["message"]


def test_a_missing_folder_and_a_damaged_job_are_named(tmp_path: Path) -> None:
    code, _, words = Worker(tmp_path / "nowhere").finish()
    assert (code, words.strip()) == (
        2, f"{tmp_path / 'nowhere'} is no folder; give the run folder of a job"
    )  # fmt: skip
    (tmp_path / JOB_FILE).write_text("{", encoding="utf-8")
    code, events, _ = Worker(tmp_path).finish()
    assert code == 2
    assert "is no readable training job" in events[-1]["message"]


def test_a_job_survives_its_file(job: TrainingJob, tmp_path: Path) -> None:
    job.write(tmp_path)
    assert TrainingJob.read(tmp_path) == job


def test_a_job_of_a_newer_format_is_refused(job: TrainingJob, tmp_path: Path) -> None:
    job.write(tmp_path)
    entry = json.loads((tmp_path / JOB_FILE).read_text(encoding="utf-8"))
    (tmp_path / JOB_FILE).write_text(json.dumps({**entry, "format_version": 99}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="has format 99, this SAIM reads up to 1"):
        TrainingJob.read(tmp_path)


def test_events_are_kept_when_nobody_listens_any_more(tmp_path: Path) -> None:
    class ClosedPipe(io.StringIO):
        def flush(self) -> None:
            # What Windows says of a pipe whose other end is gone.
            raise OSError(errno.EINVAL, "Invalid argument")

    events = EventWriter(ClosedPipe())
    events.keep_in(tmp_path)
    for number in (1, 2):
        events({"event": "epoch", "epoch": number})
    events.close()
    assert [event["epoch"] for event in read_events(tmp_path)] == [1, 2]
