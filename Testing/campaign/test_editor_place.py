"""The Segment Editor as a place: what is kept of a series, and what stays in the scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.errors import ConfigurationError
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.mrml.node_journal import NodeJournal
from Testing.campaign.desktop import Desktop, Editor

OpenDesktop = Callable[[Path], Desktop]


def test_what_the_editor_cannot_show_does_not_stay_in_the_scene(
    with_model: Path,
    desktop: OpenDesktop,
    scene: slicer.vtkMRMLScene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clinic = desktop(with_model)
    clinic.settle()
    nodes = scene.GetNumberOfNodes()

    def refuse(*_: object, **__: object) -> None:
        raise ConfigurationError("the device 'cuda' is not there; choose another one")

    monkeypatch.setattr(clinic.editor, "show", refuse)
    clinic.campaign.next()
    clinic.settle()
    assert clinic.window.complaints == ["the device 'cuda' is not there; choose another one"]
    assert clinic.campaign.annotating.current is None
    assert scene.GetNumberOfNodes() == nodes


def test_what_the_journal_of_the_scene_has_is_kept_when_the_series_leaves_the_scene(
    with_model: Path, desktop: OpenDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = desktop(with_model)
    clinic.settle()
    show = Editor.show

    def unmarked(
        editor: Editor, volume: slicer.vtkMRMLScalarVolumeNode, *arguments: object, **more: object
    ) -> None:
        # So that the desk does not find the series in the project.
        volume.RemoveAttribute(SERIES_ATTRIBUTE)
        show(editor, volume, *arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Editor, "show", unmarked)
        clinic.open("phantom_005")
        assert isinstance(clinic.series.journal, NodeJournal)
        clinic.click_on(2, 1)
        clinic.settle()
        labels = clinic.place.labels()
        clinic.campaign.save_for_later()
    clinic.open("phantom_005")
    assert np.array_equal(clinic.place.labels(), labels)
    assert clinic.window.complaints == clinic.window.questions == []


def test_a_series_that_the_user_took_out_of_the_scene_is_in_nobodys_way(
    with_model: Path, desktop: OpenDesktop, scene: slicer.vtkMRMLScene
) -> None:
    clinic = desktop(with_model)
    clinic.settle()
    clinic.open("phantom_005")
    clinic.click_on(2, 1)
    clinic.settle()
    labels = clinic.place.labels()
    staged = clinic.place._staged
    assert staged is not None
    scene.RemoveNode(staged.segmentation)
    clinic.campaign.accept_series()
    assert "is no longer in the scene; open the series again" in clinic.window.complaints.pop()
    clinic.campaign.next()
    clinic.until_open()
    assert clinic.campaign.annotating.current == "phantom_006"
    clinic.open("phantom_005")
    assert np.array_equal(clinic.place.labels(), labels)
    assert clinic.window.complaints == clinic.window.questions == []
