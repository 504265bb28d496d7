"""Numbers that are typed while the program shows what it does; they stay until finished."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox

from SAIMCore.errors import ProjectError
from SAIMCore.project.settings import AutomaticTraining, ProjectSettings
from Testing.desktop.clinic import Clinic
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.workplace import Workplace

BOXES = {"queue": "budgetBox", "training": "acceptedBox"}


def begin(box: Any, keys: str) -> QAbstractSpinBox:
    """Type ``keys`` in place of what is in ``box``, and do not finish."""
    typed = bare(box)
    typed.window().show()
    typed.window().activateWindow()
    assert QTest.qWaitForWindowActive(typed.window())
    typed.setFocus()
    assert typed.hasFocus()
    typed.selectAll()
    QTest.keyClicks(typed.lineEdit(), keys)
    assert typed.cleanText() == keys
    return typed


def press_return(typed: QAbstractSpinBox) -> None:
    QTest.keyClick(typed, Qt.Key.Key_Return)


def automatic(clinic: Clinic) -> AutomaticTraining:
    return clinic.campaign.project.settings.automatic_training


class TestCampaign:
    """The boxes of the panel of campaigns."""

    @pytest.fixture
    def refusing(self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
        """The project takes no settings."""

        def refuse(**_changes: object) -> None:
            raise ProjectError("the disk is full; free some space")

        monkeypatch.setattr(clinic.campaign.project, "change_settings", refuse)
        return clinic

    def test_the_time_of_a_session_is_typed_while_the_pool_is_ranked(self, clinic: Clinic) -> None:
        clinic.press(clinic.panel.queue.ui.rankButton)
        typed = begin(clinic.panel.queue.ui.budgetBox, "4")
        clinic.settle()
        assert clinic.panel.queue.ui.rankingLabel.text == "Ranking done."
        assert typed.cleanText() == "4"
        QTest.keyClicks(typed.lineEdit(), "5")
        press_return(typed)
        assert clinic.campaign.queue.budget_minutes == 45
        assert typed.text() == "45 min"

    def test_what_is_refreshed_takes_no_typed_time_away(self, clinic: Clinic) -> None:
        typed = begin(clinic.panel.queue.ui.budgetBox, "4")
        clinic.panel.refresh()
        assert typed.cleanText() == "4"
        assert clinic.campaign.queue.budget_minutes is None

    @pytest.mark.parametrize(("name", "keys"), [("acceptedBox", "7"), ("growthBox", "2")])
    def test_when_trainings_begin_is_typed_while_the_panel_is_refreshed(
        self, clinic: Clinic, name: str, keys: str
    ) -> None:
        typed = begin(getattr(clinic.panel.training.ui, name), keys)
        clinic.panel.refresh()
        assert typed.cleanText() == keys
        press_return(typed)
        assert getattr(automatic(clinic), name.removesuffix("Box")) == float(keys)

    def test_a_number_counts_when_something_else_gets_the_keyboard(self, clinic: Clinic) -> None:
        ui = clinic.panel.training.ui
        begin(ui.acceptedBox, "7")
        clinic.panel.refresh()
        ui.growthBox.setFocus()
        assert automatic(clinic).accepted == 7
        assert ui.acceptedBox.text == "7"

    def test_what_is_changed_elsewhere_is_shown_once_nobody_types(self, clinic: Clinic) -> None:
        box = clinic.panel.training.ui.acceptedBox
        typed = begin(box, "10")
        clinic.campaign.project.change_settings(automatic_training=AutomaticTraining(accepted=21))
        clinic.panel.refresh()
        assert box.text == "10"
        # The number that was there before: nothing was chosen.
        press_return(typed)
        assert box.text == "21"
        assert automatic(clinic).accepted == 21

    def test_a_refused_number_is_replaced_by_the_one_that_is_so(self, refusing: Clinic) -> None:
        box = refusing.panel.training.ui.acceptedBox
        press_return(begin(box, "7"))
        assert "the disk is full" in refusing.panel.complaint
        assert (box.value, box.text) == (10, "10")
        assert automatic(refusing).accepted == 10

    @pytest.mark.parametrize("section", ["queue", "training"])
    def test_what_is_being_typed_goes_with_its_project(
        self, clinic: Clinic, other_folder: Path, section: str
    ) -> None:
        ui, name = getattr(clinic.panel, section).ui, BOXES[section]
        before, text = clinic.campaign.project.folder, getattr(ui, name).text
        begin(getattr(ui, name), "7")
        # As a script does it, without the dialog that would take the keyboard.
        clinic.panel.openProject(other_folder)
        clinic.settle()
        assert getattr(ui, name).text == text
        for folder in (before, other_folder):
            settings = ProjectSettings.read(folder)
            assert settings.automatic_training == AutomaticTraining()
            assert settings.selection.budget_minutes is None

    def test_a_refused_step_is_taken_back(self, refusing: Clinic) -> None:
        box = refusing.panel.training.ui.acceptedBox
        QTest.keyClick(bare(box), Qt.Key.Key_Up)
        assert "the disk is full" in refusing.panel.complaint
        assert box.text == "10"

    def test_after_a_typed_number_the_program_writes_again(self, clinic: Clinic) -> None:
        box = clinic.panel.training.ui.acceptedBox
        press_return(begin(box, "7"))
        clinic.campaign.project.change_settings(automatic_training=AutomaticTraining(accepted=21))
        clinic.panel.refresh()
        assert box.text == "21"


class TestEffect:
    """The boxes of the effect, which is refreshed with every answer."""

    @pytest.mark.parametrize(
        ("name", "keys", "option"),
        [("thresholdBox", "0.75", "growth_threshold"), ("reachBox", "4", "growth_reach")],
    )
    def test_a_number_is_typed_while_the_network_answers(
        self, opened: Workplace, name: str, keys: str, option: str
    ) -> None:
        opened.ui.conditionedBox.click()
        opened.ui.growBox.click()
        typed = begin(getattr(opened.ui, name), keys)
        opened.click(8, 9)
        opened.settle()
        opened.effect.refresh()
        assert typed.cleanText() == keys
        press_return(typed)
        assert getattr(opened.effect.desk.options, option) == float(keys)


class TestNumberBox:
    """The box by itself."""

    def test_showing_a_number_is_no_act_of_the_user(self, workplace: Workplace) -> None:
        import qt
        from SAIMSegmentEditorLib.NumberBox import NumberBox

        box, heard = qt.QSpinBox(), []
        box.connect("valueChanged(int)", heard.append)
        shown = NumberBox(box)
        shown.show(12)
        assert (box.value, box.text, heard) == (12, "12", [])
        shown.disconnectAll()

    def test_a_selection_outlives_the_same_number(self, workplace: Workplace) -> None:
        import qt
        from SAIMSegmentEditorLib.NumberBox import NumberBox

        box = qt.QDoubleSpinBox()
        box.decimals = 0
        shown = NumberBox(box)
        shown.show(12.4)
        bare(box).selectAll()
        shown.show(12.4)
        assert bare(box).lineEdit().selectedText() == "12"
        shown.disconnectAll()
