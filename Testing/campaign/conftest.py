"""Phantom projects, campaigns on them, and a desktop without its toolkit to annotate in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import slicer

from SAIMCore.data.phantom import Phantom, make_phantom
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining, NetworkSettings, PublishSettings
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.training.configuration import TrainingConfig
from Testing.campaign.desktop import Desktop
from Testing.mrml.scenes import new_scene
from Testing.unit.campaign.bench import Bench
from Testing.unit.campaign.stand_ins import publish_model

STATUSES = ("annotated", "annotated", "validation", "test")
# Enough for a model, however bad.
SHORT = TrainingConfig(
    epochs=1, steps_per_epoch=2, batch_size=2, validation_clicks=1, learning_rate=1e-3
)

MakeProject = Callable[..., Path]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for threads that leave the processor to the tests beside this one."""
    monkeypatch.setattr("SAIMCore.campaign.polite_thread.NICENESS", 0)


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Phantom:
    return make_phantom(tmp_path_factory.mktemp("phantom"), 8, 0, size=(48, 48, 6))


@pytest.fixture
def make_project(phantom: Phantom, tmp_path: Path) -> Iterator[MakeProject]:
    """Makes a project: two phantoms to train with, one to validate, one to test, a pool of four.

    It trains by itself after ``accepted`` series. No worker of it is left at the end.
    """

    def make(accepted: int = 2) -> Path:
        plan = plan_import(phantom.images, phantom.labels, splits=str(phantom.splits_file))
        series = tuple(
            replace(entry, status=STATUSES[place] if place < len(STATUSES) else "unannotated")
            for place, entry in enumerate(sorted(plan.series, key=lambda entry: entry.name))
        )
        Project.create(
            tmp_path / "project",
            replace(plan, series=series),
            network=NetworkSettings(encoder="resnet18", decoder="unet"),
            training=SHORT,
            # Such models are as bad as each other.
            publish=PublishSettings(margin=1.0),
            automatic_training=AutomaticTraining(accepted=accepted),
        ).close()
        return tmp_path / "project"

    yield make
    for folder in (tmp_path / "project" / "runs").glob("*"):
        DetachedWorker(folder).kill()


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    """Opens a project with stand-ins for window and place; it is closed at the end."""
    made: list[Bench] = []

    def open_project(*arguments: Any, **options: Any) -> Bench:
        made.append(Bench(*arguments, **options))
        return made[-1]

    yield open_project
    for bench in made:
        bench.campaign.close()


@pytest.fixture
def run_until(repository: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python code in a process of its own, until it ends, or ends itself."""

    def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=repository,
            env={**os.environ, "PYTHONPATH": str(repository)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def with_model(make_project: MakeProject) -> Path:
    """A project that has a model, which nobody trained."""
    folder = make_project()
    with Project.open(folder) as project:
        publish_model(project, "by-hand")
    return folder


@pytest.fixture
def scene() -> Iterator[slicer.vtkMRMLScene]:
    with new_scene() as made:
        yield made


@pytest.fixture
def desktop(scene: slicer.vtkMRMLScene) -> Iterator[Callable[[Path], Desktop]]:
    """Opens a project on a desktop; what is left of it at the end is closed."""
    opened: list[Desktop] = []

    def open_project(folder: Path) -> Desktop:
        opened.append(Desktop(scene, folder))
        return opened[-1]

    yield open_project
    for made in opened:
        made.close()
