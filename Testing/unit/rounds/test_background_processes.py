"""Kills of the worker, and of the process that started it, with the real worker process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.training.run_lock import holder_of, is_at_work

DEADLINE = 120.0
SHORT = {"steps_per_epoch": 2, "pretrained": False, "device": "cpu", "learning_rate": 1e-3}

# The worker, which kills itself at its first event of which CONDITION is true.
KILLED_WHEN = """
import os, signal, sys
from SAIMCore import worker
write = worker.EventWriter.__call__
def watched(events, event):
    write(events, event)
    if CONDITION:
        os.kill(os.getpid(), signal.SIGKILL)
worker.EventWriter.__call__ = watched
sys.exit(worker.main())
"""

# A host that starts a training and follows it until it is killed.
HOST = """
import json, sys, time
from pathlib import Path
from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.options import RoundOptions
impolite = lambda folder: DetachedWorker.start(folder, polite=False)
training = BackgroundTraining(Project.open(Path(sys.argv[1])), impolite)
training.start(RoundOptions(**json.loads(sys.argv[2])))
while training.state.step == 0:
    training.poll()
    time.sleep(0.02)
print(training.state.phase, flush=True)
time.sleep(600)
"""


def killed_when(condition: str) -> Callable[[Path], DetachedWorker]:
    entry = ("-c", KILLED_WHEN.replace("CONDITION", condition))
    return lambda folder: DetachedWorker.start(folder, entry, polite=False)


def impolite(folder: Path) -> DetachedWorker:
    """A polite worker would wait until the other tests leave the processor to it."""
    return DetachedWorker.start(folder, polite=False)


def poll_until(training: BackgroundTraining, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not reached():
        assert time.monotonic() < deadline, training.state
        training.poll()
        time.sleep(0.01)


def until_phase(training: BackgroundTraining, *phases: str) -> None:
    poll_until(training, lambda: training.state.phase in phases)


@pytest.fixture
def no_worker_left(project: Project) -> Iterator[None]:
    yield
    for folder in project.runs_folder.glob("*"):
        DetachedWorker(folder).kill()


@pytest.mark.usefixtures("no_worker_left")
def test_kills_of_the_worker_at_any_moment_lose_nothing(project: Project) -> None:
    moments = (
        'event["event"] == "start"',
        'event["event"] == "step" and event["epoch"] == 2 and event["step"] == 1',
        'event["event"] == "evaluating"',
    )
    for number, condition in enumerate(moments):
        training = BackgroundTraining(project, killed_when(condition))
        if number:
            training.attach()
            assert training.state.phase == "paused"
        training.start(RoundOptions(epochs=2, **SHORT))
        until_phase(training, "failed", "finished")
        assert training.state.phase == "failed"
        assert training.state.resumable
        assert "killed (SIGKILL)" in training.state.sentence
        training.close()
    assert [entry.epoch for entry in training.state.curve] == [1, 2]
    training = BackgroundTraining(project, killed_when('event["event"] == "finished"'))
    training.attach()
    training.start(RoundOptions())
    until_phase(training, "failed", "finished")
    training.close()
    assert training.state.phase == "finished", training.state
    assert training.outcome is not None
    assert training.outcome.published
    assert [entry.epoch for entry in training.state.curve] == [1, 2]
    assert [record.status for record in project.rounds.all()] == ["finished"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX has them")
@pytest.mark.usefixtures("no_worker_left")
def test_a_training_goes_on_when_its_host_is_killed_and_the_next_one_takes_it_over(
    project: Project, repository: Path
) -> None:
    project.close()
    options = '{"epochs": 4, "steps_per_epoch": 2, "pretrained": false, "device": "cpu"}'
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(project.folder), options],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(repository)},
        start_new_session=True,
    )
    assert host.stdout is not None
    assert host.stdout.readline().strip() == b"training"
    # The whole group, as when a terminal is closed.
    os.killpg(host.pid, signal.SIGKILL)
    host.wait()
    with Project.open(project.folder) as opened:
        training = BackgroundTraining(opened, impolite)
        assert training.attach()
        seen = training.state.epoch, training.state.step
        poll_until(training, lambda: (training.state.epoch, training.state.step) > seen)
        training.pause()
        until_phase(training, "paused")
        assert training.state.resumable
        training.close()
        # The next one, as after a restart of the computer.
        training = BackgroundTraining(opened, impolite)
        assert not training.attach()
        assert training.state.phase == "paused"
        training.start(RoundOptions())
        until_phase(training, "finished", "failed")
        assert training.state.phase == "finished", training.state
        assert [entry.epoch for entry in training.state.curve] == [1, 2, 3, 4]
        current = opened.models.current()
        assert current is not None
        assert current.version == "round-001"
        training.close()


@pytest.mark.usefixtures("no_worker_left")
def test_a_round_is_given_up_with_the_process_that_works_on_it(project: Project) -> None:
    training = BackgroundTraining(project, impolite)
    training.start(RoundOptions(**SHORT))
    folder = project.runs_folder / "round-001"
    poll_until(training, lambda: is_at_work(folder))
    number = holder_of(folder)
    training.cancel()
    until_phase(training, "idle", "failed")
    assert training.state.sentence == "round 1 was given up"
    assert not folder.exists()
    assert number is None or not psutil.pid_exists(number)
    training.close()
