"""The stand-in for Slicer, and workplaces in it."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.project.project import Project

try:
    from Testing.desktop.clinic import Clinic, make_project
    from Testing.desktop.project_maker import PHANTOM, ProjectMaker
    from Testing.desktop.stand_in.installation import SlicerStandIn, installed
    from Testing.desktop.workplace import Workplace
except ImportError as error:
    # PySide6 leaves some libraries to the system; make setup says which ones it could not install.
    collect_ignore_glob = ["test_*.py"]
    LEFT_OUT = f"Testing/desktop is left out: {error}"
else:
    LEFT_OUT = ""


def pytest_report_header() -> str:
    """Say what is not tested."""
    return LEFT_OUT


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of two classes with seeded weights, saved."""
    classes = ClassTable.from_names(["background", "liver", "kidney"])
    network = NetworkConfig(3, "sequential", 3, "unet", "resnet18", (16, 12, 8, 8, 4))
    config = ModelConfig(network, classes, PreprocessingOptions(), 32, "round-007")
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models") / "model"
    save_checkpoint(folder, create_network(network), config)
    return folder


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SlicerStandIn]:
    """Slicer's Python. A test fails that leaves dialogs or printed errors unlooked at."""
    with installed(tmp_path / "settings") as made:
        yield made
        assert made.printed() == []
        assert made.dialogs() == []


@pytest.fixture
def workplace(host: SlicerStandIn) -> Iterator[Workplace]:
    """An editor with a series, no effect chosen yet."""
    made = Workplace(host)
    yield made
    made.editor.close()


@pytest.fixture
def opened(workplace: Workplace, model: Path) -> Workplace:
    """The effect with its model, ready for clicks."""
    workplace.open(model)
    return workplace


@pytest.fixture(scope="session")
def made_project(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose current model is ``model``; for copies only."""
    folder = make_project(tmp_path_factory.mktemp("campaign") / "abdomen")
    with Project.open(folder) as project:
        shutil.copytree(model, project.models_folder / "round-007")
        (project.models_folder / "round-007" / "metrics.json").write_text("{}", encoding="utf-8")
        project.models.add("round-007", project.models_folder / "round-007")
        project.models.publish("round-007")
    return folder


@pytest.fixture
def campaign_folder(made_project: Path, tmp_path: Path) -> Path:
    """The folder of a project of eight series, four of them in the pool, with a model."""
    return shutil.copytree(made_project, tmp_path / "abdomen")


@pytest.fixture
def other_folder(made_project: Path, tmp_path: Path) -> Path:
    """The folder of another project."""
    return shutil.copytree(made_project, tmp_path / "other")


@pytest.fixture
def collected_between() -> Iterator[None]:
    """What is left of Qt's and VTK's objects goes before and after a test, when no thread works.

    Collected in the middle of one, while a thread loaded a model, it once ended the process.
    """
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture
def empty_clinic(collected_between: None, host: SlicerStandIn) -> Iterator[Clinic]:
    """The panel of campaigns without a project."""
    made = Clinic(host)
    yield made
    made.close()


@pytest.fixture
def clinic(empty_clinic: Clinic, campaign_folder: Path) -> Clinic:
    """The panel of campaigns with a project, of which nothing is ranked yet."""
    empty_clinic.open(campaign_folder)
    empty_clinic.settle()
    return empty_clinic


@pytest.fixture(scope="session")
def made_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images and labels of six series, with ``splits.json``; for copies only."""
    return make_phantom(tmp_path_factory.mktemp("data") / "phantom", 6, size=(32, 32, 4)).folder


@pytest.fixture
def phantom(made_phantom: Path, tmp_path: Path) -> Path:
    """Images and labels of six series, with ``splits.json``; they may be damaged."""
    place = tmp_path / "phantom"
    for file in made_phantom.rglob("*.*"):
        copy = place / file.relative_to(made_phantom)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return place


@pytest.fixture
def maker(host: SlicerStandIn) -> Iterator[ProjectMaker]:
    """The dialog that makes a project, at its first page."""
    made = ProjectMaker(host)
    yield made
    made.close()


@pytest.fixture
def planned(maker: ProjectMaker, phantom: Path) -> ProjectMaker:
    """Images, labels and classes are given."""
    maker.choose_folders(phantom / "images", phantom / "labels")
    maker.name_classes(PHANTOM)
    return maker
