"""A scene on slicer-core, and a bench for the writer of segments in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import slicer

from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.project.project import Project
from SAIMCore.project.shared import lease_project
from Testing.mrml.desk_editor import Editor, make_project, save_model
from Testing.mrml.effect_stage import Stage
from Testing.mrml.igniters import set_igniter, write_labelmaps, write_network
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


@pytest.fixture
def project(editor: Editor, tmp_path: Path) -> Project:
    """The project of the editor's volume, without a model; the editor uses it."""
    lease = lease_project(make_project(tmp_path, editor.volume, None))
    editor.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    editor.model = lease.project.folder
    return lease.project


@pytest.fixture(params=["network", "labelmaps"])
def ignited(request: pytest.FixtureRequest, project: Project, tmp_path: Path) -> Project:
    """The same with an igniter that can be trained, and with one that cannot."""
    if request.param == "network":
        set_igniter(project, write_network(tmp_path))
    else:
        set_igniter(project, write_labelmaps(tmp_path, project))
    return project


@pytest.fixture
def labelmaps(project: Project, tmp_path: Path) -> Project:
    set_igniter(project, write_labelmaps(tmp_path, project))
    return project
