"""A project of tiny phantoms, and a worker that answers at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
from SAIMCore.training.trainer import STATE_FILE


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
        job = TrainingJob.read(self.folder)
        checkpoint = self.folder / "best-0001"
        save_checkpoint(checkpoint, create_network(job.model.network), job.model)
        iou = dict.fromkeys(job.model.classes.names[1:], self.score)
        clicks = {"0": {"mean_iou": self.score, "iou": iou}}
        split = {"overall": self.score, "clicks": clicks}
        write_json(checkpoint / "metrics.json", {"validation": split, "test": split})
        write_json(self.folder / "result.json", {"checkpoint": checkpoint.name})
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


@pytest.fixture
def read_json() -> Callable[[Path], Any]:
    return lambda path: json.loads(path.read_text(encoding="utf-8"))
