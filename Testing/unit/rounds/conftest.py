"""A project of tiny phantoms, workers that answer at once, and trainings that follow them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, ClassVar

import pytest

from SAIMCore.checkpoint import save_checkpoint
from SAIMCore.data.atomic import write_json
from SAIMCore.data.phantom import make_phantom
from SAIMCore.errors import TrainingError
from SAIMCore.job import TrainingJob
from SAIMCore.networks.factory import create_network
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from SAIMCore.project.settings import NetworkSettings
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.worker import EVENTS_FILE
from Testing.unit.rounds.following import AtOnce, Launch, Open


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    make_phantom(folder, 6, 0, size=(48, 48, 6))
    return folder


@pytest.fixture
def project(phantom: Path, tmp_path: Path) -> Iterator[Project]:
    plan = plan_import(phantom / "images", phantom / "labels", splits=str(phantom / "splits.json"))
    network = NetworkSettings(encoder="resnet18", decoder="unet")
    with Project.create(tmp_path / "project", plan, network=network) as opened:
        yield opened


def leave_result(folder: Path, score: float) -> None:
    """Leave in a run folder what a finished training leaves there."""
    job = TrainingJob.read(folder)
    checkpoint = folder / "best-0001"
    save_checkpoint(checkpoint, create_network(job.model.network), job.model)
    iou = dict.fromkeys(job.model.classes.names[1:], score)
    split = {"overall": score, "clicks": {"0": {"mean_iou": score, "iou": iou}}}
    write_json(checkpoint / "metrics.json", {"validation": split, "test": split})
    write_json(folder / "result.json", {"checkpoint": checkpoint.name})


class InstantWorker:
    """Leaves what a finished (or failed) training leaves, without training."""

    score = 0.5
    failure: TrainingError | None = None
    keeps_state = False
    started: ClassVar[list[TrainingJob]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started.append(TrainingJob.read(folder))

    def events(self) -> Iterator[dict[str, Any]]:
        yield {"event": "start"}
        if self.keeps_state:
            (self.folder / STATE_FILE).write_bytes(b"state")
        if self.failure:
            raise self.failure
        leave_result(self.folder, self.score)
        yield {"event": "finished"}

    def stop(self) -> None:
        return None

    def kill(self) -> None:
        return None


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[..., type[InstantWorker]]:
    """Configure the instant worker: ``worker(score=0.7)``."""

    class Worker(InstantWorker):
        started: ClassVar[list[TrainingJob]] = []

    def configure(**attributes: Any) -> type[InstantWorker]:
        for name, value in attributes.items():
            setattr(Worker, name, value)
        return Worker

    monkeypatch.setattr("SAIMCore.rounds.runner.WorkerProcess", Worker)
    return configure


class StandInWorker:
    """In place of a detached process; it does and writes what the test tells it to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.at_work = True
        self.asked_to_stop = False
        self.killed = False

    def is_at_work(self) -> bool:
        return self.at_work

    def silent_end(self) -> tuple[str, bool]:
        return "the training process was killed (SIGKILL)", True

    def stop(self) -> None:
        self.asked_to_stop = True

    def kill(self) -> None:
        self.killed, self.at_work = True, False

    def say(self, kind: str, **facts: Any) -> None:
        line = json.dumps({"time": time.time(), "event": kind, **facts})
        with (self.folder / EVENTS_FILE).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    def begin(self) -> None:
        self.say("preparing", series={})
        self.say("start", epochs=2, steps_per_epoch=3)

    def step(self, epoch: int, step: int) -> None:
        self.say("step", epoch=epoch, step=step, steps=3, loss=0.25, seconds_left=200.0)

    def end_epoch(self, epoch: int, miou: float = 0.5) -> None:
        validation = {"0": {"miou": miou - 0.1, "iou": {}}, "1": {"miou": miou + 0.1, "iou": {}}}
        self.say(
            "epoch", epoch=epoch, loss=0.2, seconds_left=100.0, validation_miou=miou,
            validation=validation,
        )  # fmt: skip

    def fail(self, message: str, resumable: bool) -> None:
        self.say("error", message=message, resumable=resumable)
        self.at_work = False

    def stop_as_asked(self) -> None:
        assert self.asked_to_stop
        self.say("stopped", epoch=0)
        self.at_work = False

    def finish(self, score: float = 0.5) -> None:
        leave_result(self.folder, score)
        self.say("finished")
        self.at_work = False


@pytest.fixture
def launched() -> list[StandInWorker]:
    """The workers that were started, by ``launch``."""
    return []


@pytest.fixture
def launch(launched: list[StandInWorker]) -> Callable[[Path], StandInWorker]:
    def start(folder: Path) -> StandInWorker:
        launched.append(StandInWorker(folder))
        return launched[-1]

    return start


@pytest.fixture
def read_json() -> Callable[[Path], Any]:
    return lambda path: json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def follow(launch: Launch) -> Iterator[Open]:
    """Makes the training of a project; it is closed after the test."""
    made = []

    def make(project: Project, executor: Executor | None = None) -> BackgroundTraining:
        training = BackgroundTraining(
            project, launch, executor or AtOnce(), seconds_between_looks=0
        )
        made.append(training)
        return training

    yield make
    for training in made:
        training.close()


@pytest.fixture
def training(project: Project, follow: Open) -> BackgroundTraining:
    return follow(project)
