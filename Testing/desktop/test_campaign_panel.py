"""The panel of campaigns: the project that is open, what is said, and how it ends."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import slicer
from PySide6.QtWidgets import QMessageBox, QToolBar

from SAIMCore.project.settings import ProjectSettings
from Testing.desktop.clinic import PANEL_MODULE, Clinic, project_opened
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.stand_in.scripted_module import show_module


def test_without_a_project_one_is_asked_for(empty_clinic: Clinic) -> None:
    ui = empty_clinic.panel.ui
    assert ui.projectLabel.text == "No project is open."
    assert ui.missingFrame.isHidden()
    assert ui.campaignFrame.isHidden()
    assert ui.complaintLabel.isHidden()
    assert ui.newButton.enabled
    assert ui.openButton.enabled


def test_a_project_is_opened_and_its_series_are_listed(
    empty_clinic: Clinic, campaign_folder: Path
) -> None:
    empty_clinic.open(campaign_folder)
    ui = empty_clinic.panel.ui
    assert ui.projectLabel.text == "abdomen"
    assert ui.projectLabel.toolTip == str(campaign_folder)
    assert not ui.campaignFrame.isHidden()
    assert ui.bannerLabel.isHidden()
    assert empty_clinic.names[:4] == ["pool_a", "pool_b", "pool_c", "pool_d"]


def test_a_folder_that_was_not_chosen_changes_nothing(clinic: Clinic) -> None:
    before = clinic.campaign
    clinic.panel.ui.openButton.click()
    assert clinic.campaign is before


def test_a_folder_that_is_no_project_is_said(clinic: Clinic, tmp_path: Path) -> None:
    before = clinic.campaign
    clinic.host.choose(tmp_path)
    clinic.panel.ui.openButton.click()
    assert "is no project" in clinic.panel.ui.complaintLabel.text
    assert bare(clinic.panel.ui.complaintLabel).isVisibleTo(clinic.window)
    assert clinic.campaign is before
    # Until the user does something else.
    clinic.press(clinic.panel.queue.ui.rankButton)
    assert clinic.panel.ui.complaintLabel.isHidden()


def test_the_last_project_is_opened_again(clinic: Clinic, campaign_folder: Path) -> None:
    clinic.module_widget.cleanup()
    clinic.module_widget = show_module(PANEL_MODULE)
    assert clinic.campaign.project.folder == campaign_folder
    clinic.host.until(lambda: clinic.campaign.queue.rows)


def test_a_last_project_that_is_gone_is_said(clinic: Clinic, campaign_folder: Path) -> None:
    clinic.module_widget.cleanup()
    campaign_folder.rename(campaign_folder.with_name("elsewhere"))
    clinic.module_widget = show_module(PANEL_MODULE)
    assert clinic.campaign is None
    assert str(campaign_folder) in clinic.panel.ui.complaintLabel.text


def test_another_project_takes_the_place_of_the_first(
    clinic: Clinic, campaign_folder: Path, other_folder: Path
) -> None:
    first = weakref.ref(clinic.campaign)
    clinic.next()
    clinic.host.choose(other_folder)
    clinic.panel.ui.openButton.click()
    clinic.settle()
    assert clinic.campaign.project.folder == other_folder
    assert clinic.nodes("vtkMRMLSegmentationNode") == []
    gc.collect()
    assert first() is None
    # The effect has let go of the first one as soon as it is used with the other.
    clinic.next()
    with project_opened(campaign_folder) as project:
        assert not project.read_only


def test_the_dialog_of_a_new_project_is_opened(clinic: Clinic) -> None:
    clinic.panel.ui.newButton.click()
    assert clinic.panel._dialog.dialog.visible
    clinic.panel._dialog.close()
    clinic.host.process()


class TestReadOnly:
    """Another Slicer has the project open for writing."""

    @pytest.fixture
    def second(self, empty_clinic: Clinic, campaign_folder: Path) -> Clinic:
        with project_opened(campaign_folder):
            empty_clinic.open(campaign_folder)
            empty_clinic.settle()
        return empty_clinic

    def test_a_banner_says_by_whom(self, second: Clinic) -> None:
        ui = second.panel.ui
        assert not ui.bannerLabel.isHidden()
        assert "is open for writing by" in ui.bannerLabel.text
        assert len(second.names) == 8

    def test_nothing_can_be_changed(self, second: Clinic) -> None:
        second.select("pool_a")
        panel = second.panel
        enabled = [
            widget.name
            for section in (panel.annotation, panel.queue, panel.training)
            for widget in vars(section.ui).values()
            if widget.inherits("QAbstractButton") and widget.enabled
        ]
        # These look only; those of the reason belong to a question that is not asked.
        looking = ["logButton", "qt_tableview_cornerbutton", "reasonCancelButton", "reasonOkButton"]
        assert sorted(enabled) == looking
        assert panel.queue.ui.reasonFrame.isHidden()
        assert not panel.queue.ui.strategyBox.enabled
        assert not panel.training.ui.acceptedBox.enabled

    def test_a_double_click_opens_nothing(self, second: Clinic) -> None:
        second.select("pool_a")
        second.panel.queue.commands.onDoubleClick()
        assert second.campaign.annotating.awaited is None


class TestScene:
    """What becomes of the open series when the scene is closed."""

    def test_it_is_put_away_and_its_session_is_kept(self, clinic: Clinic) -> None:
        clinic.next()
        name = clinic.campaign.annotating.current
        clinic.host.scene.Clear()
        assert clinic.campaign.annotating.current is None
        assert clinic.panel.annotation.ui.statusLabel.text == "No series is open."
        clinic.settle()
        assert (clinic.campaign.project.sessions_folder / f"{name}.session").is_file()
        assert clinic.campaign.project.series_named(name).status == "in progress"

    def test_another_one_can_be_opened_afterwards(self, clinic: Clinic) -> None:
        clinic.next()
        clinic.host.scene.Clear()
        clinic.next()
        assert clinic.campaign.annotating.current is not None
        assert clinic.desk.series is not None

    def test_it_may_be_closed_while_a_series_is_read(self, clinic: Clinic) -> None:
        clinic.press(clinic.panel.annotation.ui.nextButton)
        assert clinic.campaign.annotating.awaited is not None
        clinic.host.scene.Clear()
        clinic.settle()
        assert clinic.campaign.annotating.awaited is None
        assert clinic.nodes("vtkMRMLSegmentationNode") == []

    def test_other_nodes_are_left_alone(self, clinic: Clinic) -> None:
        other = clinic.host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "mine")
        clinic.next()
        clinic.press(clinic.panel.annotation.ui.laterButton)
        assert clinic.nodes("vtkMRMLSegmentationNode") == [other]


def test_an_error_of_the_program_is_a_dialog_once(clinic: Clinic, host: SlicerStandIn) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("disk on fire")

    clinic.campaign.poll = fail  # type: ignore[method-assign]
    clinic.panel.wake()
    host.until(lambda: not clinic.panel._timer.active)
    host.process()
    assert not clinic.panel._timer.active
    (said,) = host.dialogs()
    assert "disk on fire" in said
    assert len(host.printed()) == 1


def test_questions_are_answered_by_the_user(clinic: Clinic, host: SlicerStandIn) -> None:
    host.answer(QMessageBox.StandardButton.Yes)
    assert clinic.panel.agrees("Really?")
    host.answer(QMessageBox.StandardButton.No)
    assert not clinic.panel.agrees("Really?")
    assert host.dialogs() == ["Really?", "Really?"]


def test_what_is_done_is_said(clinic: Clinic) -> None:
    clinic.panel.say("It is written.")
    assert clinic.panel.ui.newsLabel.text == "It is written."
    assert not clinic.panel.ui.newsLabel.isHidden()
    clinic.panel.clearMessages()
    assert clinic.panel.ui.newsLabel.isHidden()


def observers(clinic: Clinic) -> int:
    """How many watch the scene, as VTK prints them."""
    return str(clinic.host.scene).count("vtkObserver (")


class TestEnd:
    """What the panel leaves behind."""

    @pytest.fixture
    def used(self, clinic: Clinic) -> Clinic:
        clinic.next()
        clinic.press(clinic.panel.queue.ui.rankButton)
        clinic.panel.training.onLog()
        return clinic

    def test_no_connection_keeps_it_alive(self, used: Clinic) -> None:
        panel, campaign = weakref.ref(used.panel), weakref.ref(used.campaign)
        used.module_widget.cleanup()
        used.host.process()
        gc.collect()
        assert campaign() is None
        assert panel() is None

    def test_no_timer_runs(self, used: Clinic) -> None:
        panel = used.panel
        timers = (panel._timer, panel.annotation._timer, panel.queue.table._timer)
        assert any(timer.active for timer in timers)
        used.module_widget.cleanup()
        assert [timer.active for timer in timers] == [False, False, False]

    def test_nothing_watches_the_scene(self, host: SlicerStandIn, campaign_folder: Path) -> None:
        first = Clinic(host)
        before = observers(first)
        first.close()
        after = observers(first)
        assert after < before
        second = Clinic(host)
        second.open(campaign_folder)
        second.settle()
        second.close()
        assert observers(second) == after

    def test_the_series_is_put_away_and_the_project_free(self, used: Clinic) -> None:
        folder = used.campaign.project.folder
        used.module_widget.cleanup()
        assert used.nodes("vtkMRMLSegmentationNode") == []
        # The effect may have it still.
        used.host.segment_editor.close()
        with project_opened(folder) as project:
            assert not project.read_only

    def test_the_tool_bar_goes(self, used: Clinic) -> None:
        assert len(used.host.window.findChildren(QToolBar)) == 1
        used.module_widget.cleanup()
        used.host.process()
        assert used.host.window.findChildren(QToolBar) == []

    def test_it_ends_with_the_application(self, used: Clinic) -> None:
        used.host.application.aboutToQuit.emit()
        assert used.panel.campaign is None
        assert used.nodes("vtkMRMLSegmentationNode") == []
        # Then the module is unloaded.
        used.module_widget.cleanup()

    def test_it_ends_with_the_application_without_a_project(self, empty_clinic: Clinic) -> None:
        empty_clinic.host.application.aboutToQuit.emit()
        empty_clinic.module_widget.cleanup()


def test_the_project_is_remembered_for_the_next_time(clinic: Clinic, campaign_folder: Path) -> None:
    assert slicer.util.settingsValue("SAIM/Project", "") == str(campaign_folder)
    assert ProjectSettings.read(campaign_folder).name == "abdomen"
