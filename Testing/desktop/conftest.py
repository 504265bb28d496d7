"""The stand-in for Slicer, and workplaces in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network

try:
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
