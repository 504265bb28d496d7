"""The igniter in the panel: chosen, its classes mapped, tried, and removed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import torch
from PySide6.QtWidgets import QMessageBox
from torch import Tensor, nn

from SAIMCore.igniter.description import IgniterDescription
from SAIMCore.igniter.normalization import IntensityNormalization
from SAIMCore.project.settings import ProjectSettings
from Testing.desktop.clinic import PANEL_MODULE, Clinic, make_project
from Testing.unit.campaign.stand_ins import proposals_until_stopped

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")


class Halves(nn.Module):
    """Logits of background and organ by intensity."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(5.0))

    def forward(self, image: Tensor) -> Tensor:
        return self.scale * torch.cat([-image, image], dim=1)


@pytest.fixture
def untrained(empty_clinic: Clinic, tmp_path: Path) -> Clinic:
    """The panel with a project that has no model."""
    empty_clinic.open(make_project(tmp_path / "abdomen"))
    empty_clinic.settle()
    return empty_clinic


@pytest.fixture
def labelmaps(untrained: Clinic, tmp_path: Path) -> Path:
    """A colleague's labelmaps of all series; one class has the same name."""
    made = tmp_path / "labels"
    (made / "labels.toml").write_text("[labels]\nLiver = 1\nrenal = 2\n", encoding="utf-8")
    return made


def ui(clinic: Clinic) -> Any:
    return clinic.panel.igniter.ui


def choose_folder(clinic: Clinic, folder: Path) -> None:
    clinic.host.choose(folder)
    clinic.press(ui(clinic).folderButton)
    clinic.settle()


def boxes(clinic: Clinic) -> dict[str, Any]:
    """The combo boxes of the mapping, by the igniter's classes."""
    return dict(clinic.panel.igniter._table._boxes)


def use(clinic: Clinic, labelmaps: Path, renal: str) -> None:
    choose_folder(clinic, labelmaps)
    boxes(clinic)["renal"].setEditText(renal)
    clinic.press(ui(clinic).useButton)
    clinic.settle()


def test_where_there_is_no_model_one_begins_there(untrained: Clinic) -> None:
    assert not untrained.panel.ui.igniterButton.collapsed
    said = ui(untrained).proposerLabel.text
    assert said == "Nobody proposes: there is no model and no igniter."
    assert not ui(untrained).removeButton.enabled
    assert not ui(untrained).foundFrame.visible


def test_with_a_model_it_is_out_of_the_way(clinic: Clinic) -> None:
    assert clinic.panel.ui.igniterButton.collapsed
    assert ui(clinic).proposerLabel.text == "round-007 proposes."


def test_its_classes_are_shown_with_those_of_the_same_name(
    untrained: Clinic, labelmaps: Path
) -> None:
    choose_folder(untrained, labelmaps)
    assert ui(untrained).foundFrame.visible
    assert ui(untrained).foundLabel.text == "What do the classes of labels become here?"
    shown = {name: box.currentText for name, box in boxes(untrained).items()}
    assert shown == {"Liver": "liver", "renal": ""}
    untrained.press(ui(untrained).useButton)
    assert "say what the igniter's class 'renal' becomes here" in untrained.panel.complaint
    # What was chosen stays.
    assert boxes(untrained)["Liver"].currentText == "liver"


def test_once_it_was_tried_it_proposes(untrained: Clinic, labelmaps: Path) -> None:
    use(untrained, labelmaps, "kidney")
    assert untrained.panel.complaint == ""
    assert "It has a validation mIoU of 100.0 %." in ui(untrained).proposerLabel.text
    assert not ui(untrained).foundFrame.visible
    assert untrained.panel.ui.newsLabel.visible
    settings = ProjectSettings.read(untrained.campaign.project.folder)
    assert settings.igniter is not None
    assert settings.igniter.mapping == {"Liver": ("liver",), "renal": ("kidney",)}


def test_what_was_found_need_not_be_used(untrained: Clinic, labelmaps: Path) -> None:
    choose_folder(untrained, labelmaps)
    untrained.press(ui(untrained).forgetButton)
    assert not ui(untrained).foundFrame.visible
    assert untrained.campaign.project.settings.igniter is None


def test_it_is_removed_when_the_user_says_yes(untrained: Clinic, labelmaps: Path) -> None:
    use(untrained, labelmaps, "background")
    untrained.host.answer(QMessageBox.StandardButton.No)
    untrained.press(ui(untrained).removeButton)
    assert untrained.campaign.igniter.chosen
    untrained.host.answer(QMessageBox.StandardButton.Yes)
    untrained.press(ui(untrained).removeButton)
    untrained.settle()
    assert untrained.campaign.igniter.chosen == ""
    assert len(untrained.host.dialogs()) == 2


def test_what_is_tried_can_be_stopped(
    untrained: Clinic, labelmaps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = proposals_until_stopped(monkeypatch)
    choose_folder(untrained, labelmaps)
    assert not ui(untrained).stopButton.visible
    boxes(untrained)["renal"].setEditText("kidney")
    untrained.press(ui(untrained).useButton)
    assert asked.wait(60)
    assert not ui(untrained).stopButton.isHidden()
    untrained.press(ui(untrained).stopButton)
    untrained.settle()
    assert ui(untrained).stopButton.isHidden()
    assert untrained.campaign.igniter.chosen == ""
    assert not ui(untrained).foundFrame.isHidden()


def test_an_open_series_gets_the_effect_as_soon_as_something_answers(
    untrained: Clinic, labelmaps: Path
) -> None:
    untrained.next()
    editor = untrained.host.segment_editor.made
    assert editor.node.GetActiveEffectName() in (None, "")
    use(untrained, labelmaps, "kidney")
    assert editor.node.GetActiveEffectName() == "SAIM"
    assert "colleague" in editor.effect("SAIM").desk.status or "labels" in (
        editor.effect("SAIM").desk.status
    )
    assert untrained.panel.complaint == ""


def test_no_tool_is_taken_out_of_the_hand(untrained: Clinic, labelmaps: Path) -> None:
    untrained.next()
    editor = untrained.host.segment_editor.made
    editor.node.SetActiveEffectName("Paint")
    use(untrained, labelmaps, "kidney")
    assert editor.node.GetActiveEffectName() == "Paint"
    editor.activate("SAIM")
    untrained.settle()
    desk = editor.effect("SAIM").desk
    assert desk.source.project == untrained.campaign.project.folder
    assert desk.series is not None
    assert untrained.campaign._place.accepted_slices() == (0, 4)


def test_what_is_no_igniter_is_said(untrained: Clinic, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    choose_folder(untrained, tmp_path / "empty")
    assert "no labelmaps found in" in untrained.panel.complaint
    untrained.press(ui(untrained).folderButton)
    # Nothing was chosen.
    assert untrained.panel.complaint != ""


def test_a_network_may_have_its_description_elsewhere(untrained: Clinic, tmp_path: Path) -> None:
    network = tmp_path / "network.ts"
    torch.jit.save(torch.jit.script(Halves()), network)
    described = tmp_path / "elsewhere.toml"
    IgniterDescription(
        kind="2d",
        output="logits",
        classes=("background", "liver"),
        normalization=IntensityNormalization("zscore"),
        multiple=1,
    ).write(described)
    untrained.host.choose(network)
    untrained.host.choose(described)
    untrained.press(ui(untrained).fileButton)
    untrained.settle()
    assert {name: box.currentText for name, box in boxes(untrained).items()} == {"liver": "liver"}
    untrained.press(ui(untrained).useButton)
    untrained.settle()
    chosen = untrained.campaign.project.settings.igniter
    assert chosen is not None
    assert (chosen.path, chosen.description) == (str(network), str(described))
    assert "network.ts never proposes kidney" in untrained.panel.ui.newsLabel.text


def test_what_the_code_takes_is_in_the_file() -> None:
    code = PANEL_MODULE.parent / "SAIMActiveLearningLib" / "IgniterSection.py"
    file = PANEL_MODULE.parent / "Resources" / "UI" / "IgniterSection.ui"
    taken = {
        node.attr
        for node in ast.walk(ast.parse(code.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "ui"
    }
    there = {element.get("name") for element in ElementTree.parse(file).iter("widget")}
    assert taken
    assert taken <= there
