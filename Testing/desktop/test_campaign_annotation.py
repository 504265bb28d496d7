"""Next, Accept series, Save for later: in the panel, and in the tool bar beside the editor."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QMessageBox, QToolBar

from Testing.desktop.clinic import Clinic
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.mrml.scenes import add_segmentation, add_volume, paint


def tool_bar(clinic: Clinic) -> QToolBar:
    (bar,) = clinic.host.window.findChildren(QToolBar)
    return bar


def draw(clinic: Clinic) -> None:
    """Segment something as each of the classes."""
    (segmentation,) = clinic.nodes("vtkMRMLSegmentationNode")
    (volume,) = clinic.nodes("vtkMRMLScalarVolumeNode")
    ids = segmentation.GetSegmentation()
    for number, name in enumerate(("liver", "kidney")):
        mask = np.zeros((4, 32, 32), dtype=bool)
        mask[1:3, 8 + 12 * number : 14 + 12 * number, 8:20] = True
        paint(segmentation, ids.GetSegmentIdBySegmentName(name), mask, volume)


def accept_slices(clinic: Clinic) -> None:
    """Accept all slices with the effect."""
    ui = clinic.host.segment_editor.made.effect("SAIM").panel.ui
    for _ in range(4):
        ui.acceptButton.click()
        ui.nextButton.click()
        clinic.settle()


class TestNext:
    """The next series of the queue, in the Segment Editor."""

    def test_it_is_opened_in_the_editor_with_the_effect(self, clinic: Clinic) -> None:
        ui = clinic.panel.annotation.ui
        assert ui.statusLabel.text == "No series is open."
        assert not ui.acceptButton.enabled
        assert not ui.laterButton.enabled
        clinic.press(ui.nextButton)
        assert ui.statusLabel.text == "Reading pool_a."
        assert not ui.nextButton.enabled
        clinic.settle()
        assert clinic.host.selected_module == "SegmentEditor"
        editor = clinic.host.segment_editor.made
        assert editor.node.GetActiveEffectName() == "SAIM"
        (volume,) = clinic.nodes("vtkMRMLScalarVolumeNode")
        (segmentation,) = clinic.nodes("vtkMRMLSegmentationNode")
        assert editor.node.GetSourceVolumeNode() is volume
        assert editor.node.GetSegmentationNode() is segmentation
        names = [
            segmentation.GetSegmentation().GetNthSegment(number).GetName() for number in range(2)
        ]
        assert names == ["liver", "kidney"]
        (composite,) = clinic.nodes("vtkMRMLSliceCompositeNode")
        assert composite.GetBackgroundVolumeID() == volume.GetID()
        assert ui.statusLabel.text == "Annotating pool_a."
        assert ui.acceptButton.enabled
        assert ui.laterButton.enabled

    def test_the_effect_uses_the_projects_model(self, clinic: Clinic) -> None:
        clinic.next()
        assert clinic.desk.source.project == clinic.campaign.project.folder
        assert clinic.desk.status.startswith("Model round-007")
        path = clinic.host.segment_editor.made.effect("SAIM").panel.ui.modelPath
        assert path.currentPath == str(clinic.campaign.project.folder)

    def test_what_is_known_of_the_work_is_shown(self, clinic: Clinic) -> None:
        clinic.next()
        ui = clinic.panel.annotation.ui
        clinic.panel.annotation.onLook()
        assert ui.timeLabel.text == "0:00"
        assert ui.acceptedBar.text == "0 of 4 slices accepted"
        clinic.host.segment_editor.made.effect("SAIM").panel.ui.acceptButton.click()
        clinic.settle()
        clinic.panel.annotation.onLook()
        assert ui.acceptedBar.text == "1 of 4 slices accepted"

    def test_it_is_looked_at_now_and_then_while_a_series_is_open(self, clinic: Clinic) -> None:
        timer = clinic.panel.annotation._timer
        assert not timer.active
        clinic.next()
        assert timer.active
        assert timer.interval <= 5000
        clinic.press(clinic.panel.annotation.ui.laterButton)
        assert not timer.active

    def test_another_one_puts_the_first_away(self, clinic: Clinic) -> None:
        clinic.next()
        clinic.next()
        assert clinic.campaign.annotating.current == "pool_b"
        assert len(clinic.nodes("vtkMRMLSegmentationNode")) == 1
        assert clinic.campaign.project.series_named("pool_a").status == "in progress"

    def test_without_a_model_other_tools_draw(self, clinic: Clinic) -> None:
        models = clinic.campaign.project.models
        clinic.campaign.project.models.current = lambda: None  # type: ignore[method-assign]
        clinic.next()
        editor = clinic.host.segment_editor.made
        assert editor.node.GetActiveEffectName() in (None, "")
        assert editor.node.GetSegmentationNode() is not None
        assert clinic.panel.annotation.ui.timeLabel.text == "not known yet"
        assert clinic.panel.annotation.ui.acceptedBar.isHidden()
        del models.current

    def test_an_image_that_is_gone_is_said(self, clinic: Clinic) -> None:
        with clinic.without_image("pool_d"):
            clinic.panel.act(clinic.campaign.open, "pool_d")
            clinic.settle()
        assert "pool_d" in clinic.panel.complaint
        assert clinic.campaign.annotating.current is None
        assert clinic.panel.annotation.ui.nextButton.enabled
        # Whatever module is shown.
        assert "pool_d" in tool_bar(clinic).findChild(QLabel).text()
        assert not tool_bar(clinic).isHidden()


class TestAccept:
    """The annotation is filed, and the next series comes."""

    def test_what_was_segmented_is_filed(self, clinic: Clinic, host: SlicerStandIn) -> None:
        clinic.next()
        draw(clinic)
        accept_slices(clinic)
        clinic.press(clinic.panel.annotation.ui.acceptButton)
        clinic.settle()
        assert host.dialogs() == []
        record = clinic.campaign.project.series_named("pool_a")
        assert record.status == "annotated"
        labels = clinic.campaign.project.annotations.load("pool_a")
        assert sorted(np.unique(labels)) == [0, 1, 2]
        assert clinic.campaign.annotating.current == "pool_b"

    def test_what_is_doubtful_is_asked_before(self, clinic: Clinic, host: SlicerStandIn) -> None:
        clinic.next()
        host.answer(QMessageBox.StandardButton.No)
        clinic.press(clinic.panel.annotation.ui.acceptButton)
        (question,) = host.dialogs()
        assert "slices are not accepted" in question
        assert clinic.campaign.annotating.current == "pool_a"
        host.answer(QMessageBox.StandardButton.Yes)
        clinic.press(clinic.panel.annotation.ui.acceptButton)
        assert len(host.dialogs()) == 1
        assert clinic.campaign.project.series_named("pool_a").status == "annotated"
        clinic.settle()


class TestLater:
    """What was done is kept."""

    def test_the_series_is_closed_and_stays_in_the_queue(self, clinic: Clinic) -> None:
        clinic.next()
        editor = clinic.host.segment_editor.made
        ui = editor.effect("SAIM").panel.ui
        ui.acceptButton.click()
        clinic.settle()
        clinic.press(clinic.panel.annotation.ui.laterButton)
        assert clinic.nodes("vtkMRMLSegmentationNode") == []
        assert clinic.nodes("vtkMRMLScalarVolumeNode") == []
        assert editor.node.GetActiveEffectName() in (None, "")
        assert clinic.campaign.project.series_named("pool_a").status == "in progress"
        clinic.settle()
        clinic.campaign.open("pool_a")
        clinic.settle()
        assert clinic.desk.accepted == (1, 4)

    def test_what_the_user_does_in_the_editor_meanwhile_stays(self, clinic: Clinic) -> None:
        clinic.next()
        volume = add_volume(clinic.host.scene)
        mine = add_segmentation(clinic.host.scene, volume)
        editor = clinic.host.segment_editor.made
        editor.set_segmentation(mine)
        editor.set_source_volume(volume)
        clinic.press(clinic.panel.annotation.ui.laterButton)
        assert editor.node.GetSegmentationNode() is mine
        assert editor.node.GetSourceVolumeNode() is volume
        assert clinic.nodes("vtkMRMLSegmentationNode") == [mine]


class TestToolBar:
    """The commands beside the Segment Editor, which has taken the panel's place."""

    def test_it_is_there_while_a_series_is_open(self, clinic: Clinic) -> None:
        bar = tool_bar(clinic)
        assert bar.isHidden()
        clinic.next()
        assert not bar.isHidden()
        texts = [action.text() for action in bar.actions() if action.text()]
        assert texts == ["Next", "Accept series", "Save for later", "Campaign"]
        assert bar.findChild(QLabel).text() == "Annotating pool_a."
        bar.actions()[2].trigger()
        assert bar.isHidden()
        assert clinic.campaign.annotating.current is None

    def test_it_leads_back_to_the_panel(self, clinic: Clinic) -> None:
        clinic.next()
        assert clinic.host.selected_module == "SegmentEditor"
        tool_bar(clinic).actions()[-1].trigger()
        assert clinic.host.selected_module == "SAIMActiveLearning"
        assert clinic.campaign.annotating.current == "pool_a"

    def test_the_panel_comes_back_when_nothing_is_open(self, clinic: Clinic) -> None:
        clinic.next()
        clinic.press(clinic.panel.annotation.ui.laterButton)
        assert clinic.host.selected_module == "SAIMActiveLearning"

    def test_it_says_what_went_wrong(self, clinic: Clinic) -> None:
        clinic.next()
        (volume,) = clinic.nodes("vtkMRMLScalarVolumeNode")
        clinic.host.scene.RemoveNode(volume)
        tool_bar(clinic).actions()[1].trigger()
        assert "no longer in the scene" in tool_bar(clinic).findChild(QLabel).text()
        clinic.host.answer(QMessageBox.StandardButton.Yes)
        tool_bar(clinic).actions()[2].trigger()
        (question,) = clinic.host.dialogs()
        assert "Close it all the same?" in question

    def test_without_a_main_window_there_is_none(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from SAIMActiveLearningLib.AnnotationToolBar import AnnotationToolBar

        monkeypatch.setattr("slicer.util.mainWindow", lambda: None)
        bar = AnnotationToolBar(())
        bar.show("Annotating pool_a.")
        bar.remove()
