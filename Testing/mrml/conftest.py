"""A scene on slicer-core, and a bench for the writer of segments in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import slicer

from Testing.mrml.desk_editor import Editor, save_model
from Testing.mrml.effect_stage import Stage
from Testing.mrml.scenes import new_scene
from Testing.mrml.writer_bench import Bench


@pytest.fixture
def scene() -> Iterator[slicer.vtkMRMLScene]:
    """A new scene with the logics that segmentations need, where Slicer has it."""
    with new_scene() as made:
        yield made


@pytest.fixture
def bench(scene: slicer.vtkMRMLScene) -> Callable[..., Bench]:
    return lambda *arguments, **options: Bench(scene, *arguments, **options)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = ["background", "liver", "kidney"]
    return save_model(tmp_path_factory.mktemp("models") / "model", names)


@pytest.fixture
def editor(scene: slicer.vtkMRMLScene, model: Path) -> Iterator[Editor]:
    made = Editor(scene, model)
    yield made
    made.desk.close()


@pytest.fixture
def stage(scene: slicer.vtkMRMLScene) -> Iterator[Stage]:
    made = Stage(scene)
    yield made
    made.settle()
    made.later.at_once = True
    made.effect.rest()
