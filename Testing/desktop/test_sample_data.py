"""The phantom project of the module Sample Data."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import slicer
from PySide6.QtCore import QStandardPaths

from SAIMCore.project.settings import ProjectSettings
from Testing.desktop.clinic import PANEL_MODULE
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.scripted_module import load_module
from Testing.desktop.workplace import MODULE


class SampleDataSource:
    """As Slicer 5.10 has it; ``uris`` and the others become lists."""

    def __init__(self, **given: Any) -> None:
        assert isinstance(given["uris"], str)
        self.given = given


class Samples:
    """The module Sample Data, with the sources that were registered."""

    def __init__(self) -> None:
        self.registered: list[SampleDataSource] = []

    def registerCustomSampleDataSource(
        self,
        category: str = "Custom",
        sampleName: str | None = None,
        uris: str | None = None,
        fileNames: str | None = None,
        nodeNames: str | None = None,
        customDownloader: Any = None,
        thumbnailFileName: str | None = None,
    ) -> None:
        source = SampleDataSource(uris=uris, category=category, icon=thumbnailFileName)
        source.customDownloader = customDownloader  # type: ignore[attr-defined]
        source.sampleName = sampleName  # type: ignore[attr-defined]
        self.registered.append(source)


class Panel:
    """Opens projects, and shows errors as they are."""

    def __init__(self) -> None:
        self.opened: list[Path] = []

    def act(self, action: Any, *arguments: Any) -> None:
        action(*arguments)

    def openProject(self, folder: Path) -> None:
        self.opened.append(folder)


@pytest.fixture
def panel(host: SlicerStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    """Both modules are loaded; the user's documents are in a folder of the test."""
    load_module(MODULE)
    load_module(PANEL_MODULE)
    made = Panel()
    monkeypatch.setattr(
        slicer.util, "getModuleWidget", lambda name: types.SimpleNamespace(panel=made)
    )
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda kind: str(tmp_path))
    return made


@pytest.fixture
def samples(host: SlicerStandIn, monkeypatch: pytest.MonkeyPatch) -> Samples:
    made = Samples()
    module = types.SimpleNamespace(SampleDataLogic=made)
    monkeypatch.setitem(sys.modules, "SampleData", module)  # type: ignore[arg-type]
    return made


def test_it_is_offered_when_slicer_has_started(
    host: SlicerStandIn, panel: Panel, samples: Samples
) -> None:
    host.application.startupCompleted.emit()
    (source,) = samples.registered
    assert source.sampleName == "SAIM phantom project"  # type: ignore[attr-defined]
    assert source.given["category"] == "SAIM"
    assert Path(source.given["icon"]).is_file()


def test_its_button_makes_it_and_opens_it(
    host: SlicerStandIn, panel: Panel, samples: Samples, tmp_path: Path
) -> None:
    host.application.startupCompleted.emit()
    (source,) = samples.registered
    source.customDownloader(source)  # type: ignore[attr-defined]
    assert host.selected_module == "SAIMActiveLearning"
    (folder,) = panel.opened
    assert folder.is_relative_to(tmp_path)
    assert ProjectSettings.read(folder).name == "Phantoms"
    # A second time it is there, with what was done in it.
    source.customDownloader(source)  # type: ignore[attr-defined]
    assert panel.opened == [folder, folder]


def test_without_the_packages_the_panel_says_what_to_do(
    host: SlicerStandIn, panel: Panel, samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.application.startupCompleted.emit()
    packages = sys.modules["SAIMSegmentEditorLib.RequiredPackages"]
    monkeypatch.setattr(packages.RequiredPackages, "missing", lambda self: ["torch"])
    (source,) = samples.registered
    source.customDownloader(source)  # type: ignore[attr-defined]
    assert host.selected_module == "SAIMActiveLearning"
    assert panel.opened == []


def test_a_slicer_without_sample_data_does_without(
    host: SlicerStandIn, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "SampleData", None)  # type: ignore[arg-type]
    host.application.startupCompleted.emit()
