"""A window and a place to annotate in, for the tests of a campaign."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.errors import ProjectError
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.project.project import Project


@dataclass
class Window:
    """Remembers what it was told; answers every question with ``agreeing``."""

    agreeing: bool = True
    complaints: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    changes: list[Sequence[str] | None] = field(default_factory=list)
    refreshed: int = 0
    awake: bool = False

    def refresh(self) -> None:
        self.refreshed += 1

    def rows_changed(self, names: Sequence[str] | None) -> None:
        self.changes.append(names)

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def agrees(self, question: str) -> bool:
        self.questions.append(question)
        return self.agreeing

    def wake(self) -> None:
        self.awake = True


class Desk:
    """A place whose segments hold what a test puts there."""

    def __init__(self) -> None:
        self.series: PreparedSeries | None = None
        self.drawn: np.ndarray | None = None
        self.accepted: tuple[int, int] | None = (4, 4)
        self.odd: list[str] = []
        self.opened: list[tuple[str, str | None]] = []
        self.settled = 0
        self.renewed = 0
        self.on_settling: Callable[[], None] = lambda: None
        self.unkept_labels: np.ndarray | None = None

    def open(self, series: PreparedSeries, model_version: str | None) -> None:
        self.series = series
        self.drawn = np.zeros(series.volume.array.shape, np.uint8)
        self.opened.append((series.name, model_version))

    def settle(self) -> None:
        self.settled += 1
        self.on_settling()

    def unkept(self) -> np.ndarray | None:
        return self.unkept_labels

    def close(self) -> None:
        self.series = None

    def labels(self) -> np.ndarray:
        if self.drawn is None:
            raise ProjectError("the volume is gone; open the series again")
        return self.drawn

    def accepted_slices(self) -> tuple[int, int] | None:
        return self.accepted

    def doubts(self) -> list[str]:
        return self.odd

    def renew_model(self) -> None:
        self.renewed += 1


def proposals_until_stopped(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let igniters propose nothing until they are asked to stop; set as soon as one is at it."""
    asked = threading.Event()

    def endless(
        self: MappedIgniter,
        series: object,
        progress: object = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, torch.Tensor]]:
        asked.set()
        while not should_stop():
            time.sleep(0.001)
        yield from ()

    monkeypatch.setattr(MappedIgniter, "proposals", endless)
    return asked


def publish_model(project: Project, version: str = "round-001", seed: int = 0) -> None:
    """Publish a small model with seeded random weights."""
    classes = project.classes
    network = NetworkConfig(len(classes), "sequential", 3, "unet", "resnet18", (16, 12, 8, 8, 4))
    config = ModelConfig(network, classes, project.settings.preprocessing, 32, version)
    torch.manual_seed(seed)
    folder = project.models_folder / version
    save_checkpoint(folder, create_network(network), config)
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    project.models.add(version, folder)
    project.models.publish(version)
