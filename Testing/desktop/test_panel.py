"""The options frame: what its widgets show, and what they do."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import slicer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from torch import Tensor

from Testing.desktop.stand_in.objects import bare
from Testing.desktop.workplace import EFFECT, Workplace

SLICES = 5


def choose(box: object, position: int) -> None:
    """What the mouse does in a combo box."""
    bare(box).setCurrentIndex(position)
    bare(box).activated.emit(position)


class Gate:
    """The network answers when the test lets it, one slice after the other."""

    def __init__(self, opened: Workplace) -> None:
        # With a neighbor to start from, slices are not segmented several at once.
        opened.ui.neighborBox.click()
        self._open = threading.Semaphore(0)
        self._answer = opened.session.predictor.probabilities
        opened.session.predictor.probabilities = self._probabilities

    def let(self, count: int) -> None:
        for _ in range(count):
            self._open.release()

    def _probabilities(self, image: Tensor, memory: Tensor) -> Tensor:
        self._open.acquire()
        return self._answer(image, memory)


def test_accepted_slices_are_counted(opened: Workplace) -> None:
    ui = opened.ui
    assert ui.acceptedBar.text == "0 of 5 slices accepted"
    assert ui.acceptButton.text == "Accept slice"
    ui.acceptButton.click()
    assert opened.session.accepted_slices == (0,)
    assert (ui.acceptedBar.value, ui.acceptedBar.maximum) == (1, SLICES)
    assert ui.acceptedBar.text == "1 of 5 slices accepted"
    assert ui.acceptButton.text == "Reopen slice"
    ui.nextButton.click()
    assert ui.acceptButton.text == "Accept slice"
    ui.previousButton.click()
    ui.acceptButton.click()
    assert ui.acceptedBar.value == 0
    assert opened.session.accepted_slices == ()


def test_the_slice_is_segmented_and_reset(opened: Workplace) -> None:
    opened.ui.segmentSliceButton.click()
    opened.settle()
    assert opened.session.result(0).stored is not None
    opened.ui.resetButton.click()
    opened.settle()
    assert opened.session.result(0).stored is None
    assert not opened.voxels("liver").any()


def test_the_least_certain_slice_is_shown(opened: Workplace) -> None:
    opened.ui.segmentSeriesButton.click()
    opened.ui.uncertainButton.click()
    opened.settle()
    assert opened.shown != 0


def test_a_series_is_segmented_with_progress(opened: Workplace) -> None:
    assert opened.ui.progressFrame.isHidden()
    gate = Gate(opened)
    opened.ui.segmentSeriesButton.click()
    for done in range(1, SLICES):
        gate.let(1)
        opened.host.until(lambda done=done: opened.ui.progressBar.value == done)
    assert not opened.ui.progressFrame.isHidden()
    assert opened.ui.progressBar.maximum == SLICES
    gate.let(1)
    opened.settle()
    assert opened.ui.progressFrame.isHidden()
    assert all(opened.session.result(index).stored is not None for index in range(SLICES))


def test_it_can_be_ended_halfway(opened: Workplace) -> None:
    gate = Gate(opened)
    opened.ui.segmentSeriesButton.click()
    gate.let(2)
    opened.host.until(lambda: opened.ui.progressBar.value == 2)
    opened.ui.cancelButton.click()
    gate.let(SLICES)
    opened.settle()
    assert opened.ui.progressFrame.isHidden()
    done = [opened.session.result(index).stored is not None for index in range(SLICES)]
    assert done[:2] == [True, True]
    assert not all(done)


def test_the_browse_button_is_for_folders(workplace: Workplace) -> None:
    from ctk import ctkPathLineEdit

    # With Files among them, CTK asks for a file and offers no folder.
    assert workplace.ui.modelPath.filters == ctkPathLineEdit.Dirs


def test_boxes_before_the_first_use_do_nothing(workplace: Workplace) -> None:
    workplace.ui.uncertaintyBox.click()
    assert workplace.effect.desk is None


class TestClassTable:
    """Segments of the user, and which class they are."""

    def rows(self, opened: Workplace) -> list[tuple[str, str, bool]]:
        table = opened.ui.classTable
        return [
            (
                table.item(row, 0).text(),
                table.cellWidget(row, 1).currentText,
                table.cellWidget(row, 2).checked,
            )
            for row in range(table.rowCount)
        ]

    def test_it_lists_classes_and_segments(self, opened: Workplace) -> None:
        assert self.rows(opened) == [("liver", "liver", False), ("kidney", "kidney", False)]
        table = opened.ui.classTable
        headings = [table.horizontalHeaderItem(column).text() for column in range(3)]
        assert headings == ["Class", "Segment", "Locked"]

    def test_another_segment_can_be_a_class(self, opened: Workplace) -> None:
        segmentation = opened.segmentation.GetSegmentation()
        mine = segmentation.AddEmptySegment("mine", "My organ")
        opened.effect.refresh()
        box = opened.ui.classTable.cellWidget(0, 1)
        assert [box.itemText(i) for i in range(box.count)] == ["liver", "kidney", "My organ"]
        choose(box, 2)
        assert opened.effect.desk.series.segments.ids[1] == mine
        assert self.rows(opened)[0] == ("liver", "My organ", False)
        opened.select("My organ")
        opened.click(8, 9)
        opened.settle()
        assert opened.voxels("My organ")[0, 8, 9]
        assert not opened.voxels("liver").any()

    def test_a_class_that_loses_its_segment_shows_none(self, opened: Workplace) -> None:
        choose(opened.ui.classTable.cellWidget(0, 1), 1)
        assert self.rows(opened)[0][1] == "kidney"
        assert self.rows(opened)[1][1] == ""
        assert not opened.ui.classTable.cellWidget(1, 2).enabled

    def test_a_locked_segment_keeps_its_voxels(self, opened: Workplace) -> None:
        opened.ui.classTable.cellWidget(0, 2).click()
        opened.click(8, 9)
        opened.settle()
        assert not opened.voxels("liver").any()
        opened.ui.classTable.cellWidget(0, 2).click()
        opened.click(10, 11)
        opened.settle()
        assert opened.voxels("liver")[0, 10, 11]

    def test_renamed_and_removed_segments_are_seen(self, opened: Workplace) -> None:
        segmentation = opened.segmentation.GetSegmentation()
        segmentation.GetSegment(opened.segment_id("kidney")).SetName("Left kidney")
        opened.look()
        opened.effect.refresh()
        assert self.rows(opened)[1][1] == "Left kidney"
        segmentation.RemoveSegment(opened.segment_id("Left kidney"))
        opened.effect.refresh()
        assert self.rows(opened)[1][1] == ""


class TestMessages:
    """Errors that the user can act on."""

    def test_a_folder_without_a_model(self, workplace: Workplace, tmp_path: Path) -> None:
        workplace.editor.activate(EFFECT)
        workplace.ui.modelPath.currentPath = str(tmp_path)
        assert not workplace.ui.messageLabel.isHidden()
        assert "neither a project" in workplace.ui.messageLabel.text

    def test_it_goes_with_the_next_model(
        self, workplace: Workplace, tmp_path: Path, model: Path
    ) -> None:
        workplace.editor.activate(EFFECT)
        workplace.ui.modelPath.currentPath = str(tmp_path)
        workplace.choose(model)
        assert workplace.ui.messageLabel.isHidden()

    def complain(self, opened: Workplace) -> None:
        opened.editor.node.SetSelectedSegmentID(None)
        opened.click(8, 9)
        assert "none of the model's classes" in opened.ui.messageLabel.text
        assert not opened.ui.messageLabel.isHidden()
        opened.select("liver")

    def test_it_goes_with_the_next_click(self, opened: Workplace) -> None:
        self.complain(opened)
        opened.click(8, 9)
        assert opened.ui.messageLabel.isHidden()

    def test_it_goes_with_the_next_button(self, opened: Workplace) -> None:
        self.complain(opened)
        opened.ui.nextButton.click()
        assert opened.ui.messageLabel.isHidden()

    def test_it_goes_with_the_next_key(self, opened: Workplace) -> None:
        self.complain(opened)
        opened.effect.do("next_slice")
        assert opened.ui.messageLabel.isHidden()

    def test_an_action_that_fails_again_says_so_again(self, opened: Workplace) -> None:
        self.complain(opened)
        self.complain(opened)

    def test_a_device_that_is_not_there(self, opened: Workplace) -> None:
        opened.ui.device.setCurrentIndex(3)
        opened.settle()
        assert "MPS" in opened.ui.messageLabel.text
        assert opened.effect.desk.series is None
        opened.ui.device.setCurrentIndex(1)
        opened.settle()
        assert opened.effect.desk.series is not None
        assert opened.ui.messageLabel.isHidden()


class TestRememberedModel:
    """The model that was used last is used again."""

    def test_it_is_chosen_with_the_effect(self, workplace: Workplace, model: Path) -> None:
        slicer.app.settings().setValue("SAIM/Model", str(model))
        workplace.editor.activate(EFFECT)
        assert workplace.ui.modelPath.currentPath == str(model)
        workplace.settle()
        assert workplace.effect.desk.series is not None

    def test_a_choice_is_remembered(self, opened: Workplace, model: Path) -> None:
        assert slicer.app.settings().value("SAIM/Model") == str(model)

    def test_what_is_no_model_is_not(self, opened: Workplace, model: Path) -> None:
        opened.ui.modelPath.currentPath = str(model.parent)
        assert not opened.ui.messageLabel.isHidden()
        assert slicer.app.settings().value("SAIM/Model") == str(model)

    def test_one_that_is_gone_is_said(self, workplace: Workplace, tmp_path: Path) -> None:
        slicer.app.settings().setValue("SAIM/Model", str(tmp_path / "gone"))
        workplace.editor.activate(EFFECT)
        assert "gone" in workplace.ui.messageLabel.text


class TestTypedModel:
    """A path that is typed, letter by letter."""

    @pytest.fixture
    def line(self, workplace: Workplace) -> QLineEdit:
        workplace.editor.activate(EFFECT)
        (found,) = bare(workplace.ui.modelPath).findChildren(QLineEdit)
        return found

    def test_it_is_used_when_return_is_pressed(
        self, workplace: Workplace, line: QLineEdit, model: Path
    ) -> None:
        QTest.keyClicks(line, str(model))
        assert workplace.ui.modelPath.currentPath == str(model)
        assert not workplace.effect.desk.busy
        QTest.keyClick(line, Qt.Key.Key_Return)
        workplace.settle()
        assert workplace.effect.desk.series is not None
        assert slicer.app.settings().value("SAIM/Model") == str(model)

    def test_nothing_is_said_before_the_end(
        self, workplace: Workplace, line: QLineEdit, tmp_path: Path
    ) -> None:
        QTest.keyClicks(line, str(tmp_path / "none"))
        assert workplace.ui.messageLabel.isHidden()
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert "none" in workplace.ui.messageLabel.text
        assert not workplace.ui.messageLabel.isHidden()

    def test_it_is_used_once(self, workplace: Workplace, line: QLineEdit, model: Path) -> None:
        QTest.keyClicks(line, str(model))
        line.editingFinished.emit()
        workplace.settle()
        series = workplace.effect.desk.series
        # When the line is left, too, Qt says again that the editing is finished.
        line.editingFinished.emit()
        workplace.settle()
        assert workplace.effect.desk.series is series
