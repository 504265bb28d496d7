"""What is done with single series of the queue."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from Testing.desktop.clinic import Clinic
from Testing.desktop.queue_table import POOL, REASON, STATUS
from Testing.desktop.stand_in.objects import bare


class TestSeries:
    """Pinned, skipped, excluded and included, with a reason."""

    def test_without_a_selected_series_nothing_is_offered(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        for button in (ui.openButton, ui.pinButton, ui.skipButton, ui.excludeButton):
            assert not button.enabled

    def test_a_series_is_pinned_with_a_reason_and_taken_back(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        clinic.select("pool_c")
        assert ui.reasonFrame.isHidden()
        clinic.press(ui.pinButton)
        assert not ui.reasonFrame.isHidden()
        assert "pool_c" in ui.reasonLabel.text
        clinic.give_reason("the meeting")
        assert ui.reasonFrame.isHidden()
        assert clinic.names[0] == "pool_c"
        assert clinic.cells(STATUS)[0] == "pinned, unannotated"
        assert clinic.cells(REASON)[0] == "the meeting"
        assert ui.pinButton.text == "Unpin"
        clinic.press(ui.pinButton)
        assert clinic.names[:4] == POOL
        assert clinic.cells(REASON)[:4] == [None] * 4

    def test_a_pin_needs_no_reason(self, clinic: Clinic) -> None:
        clinic.select("pool_c")
        clinic.press(clinic.panel.queue.ui.pinButton)
        clinic.press(clinic.panel.queue.ui.reasonOkButton)
        assert clinic.names[0] == "pool_c"
        assert clinic.cells(REASON)[0] is None

    def test_a_series_is_skipped_and_taken_back(self, clinic: Clinic) -> None:
        clinic.select("pool_a")
        clinic.press(clinic.panel.queue.ui.skipButton)
        clinic.give_reason("moved")
        assert clinic.names[:4] == ["pool_b", "pool_c", "pool_d", "pool_a"]
        assert clinic.panel.queue.ui.skipButton.text == "Unskip"
        clinic.press(clinic.panel.queue.ui.skipButton)
        assert clinic.names[:4] == POOL

    def test_a_series_is_excluded_only_with_a_reason(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        clinic.select("pool_a")
        clinic.press(ui.excludeButton)
        assert not ui.reasonOkButton.enabled
        clinic.give_reason("   ")
        assert clinic.campaign.project.series_named("pool_a").status == "unannotated"
        assert not ui.reasonFrame.isHidden()
        clinic.give_reason("another organ")
        record = clinic.campaign.project.series_named("pool_a")
        assert (record.status, record.reason) == ("excluded", "another organ")
        assert not ui.openButton.enabled
        assert not ui.pinButton.enabled
        assert ui.excludeButton.text == "Include"
        clinic.press(ui.excludeButton)
        assert clinic.campaign.project.series_named("pool_a").status == "unannotated"

    def test_a_question_can_be_left_unanswered(self, clinic: Clinic) -> None:
        clinic.select("pool_a")
        clinic.press(clinic.panel.queue.ui.excludeButton)
        clinic.press(clinic.panel.queue.ui.reasonCancelButton)
        assert clinic.panel.queue.ui.reasonFrame.isHidden()
        clinic.give_reason("late")
        assert clinic.campaign.project.series_named("pool_a").status == "unannotated"

    def test_another_series_ends_the_question(self, clinic: Clinic) -> None:
        clinic.select("pool_a")
        clinic.press(clinic.panel.queue.ui.excludeButton)
        clinic.select("pool_b")
        assert clinic.panel.queue.ui.reasonFrame.isHidden()

    def test_new_scores_do_not_end_it(self, clinic: Clinic) -> None:
        clinic.select("pool_a")
        clinic.press(clinic.panel.queue.ui.excludeButton)
        clinic.panel.queue.ui.reasonEdit.setText("anoth")
        clinic.press(clinic.panel.queue.ui.rankButton)
        clinic.settle()
        assert not clinic.panel.queue.ui.reasonFrame.isHidden()
        assert clinic.panel.queue.ui.reasonEdit.text == "anoth"

    def test_the_context_menu_has_the_same_commands(self, clinic: Clinic) -> None:
        clinic.select("pool_d")
        table = bare(clinic.table)
        assert table.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
        assert [action.text() for action in table.actions()] == [
            "Open",
            "Pin...",
            "Skip...",
            "Exclude...",
            "Use for training",
            "Use for validation",
            "Use for testing",
        ]
        table.actions()[1].trigger()
        clinic.give_reason("")
        assert clinic.names[0] == "pool_d"

    def test_an_annotated_series_is_used_for_something_else(self, clinic: Clinic) -> None:
        table = bare(clinic.table)
        clinic.select("pool_a")
        assert not any(action.isEnabled() for action in table.actions()[4:])
        clinic.select("second")
        training, validation, test = table.actions()[4:]
        assert (training.isEnabled(), validation.isEnabled()) == (False, True)
        test.trigger()
        assert clinic.campaign.project.series_named("second").status == "test"
        assert training.isEnabled()
        training.trigger()
        assert clinic.campaign.project.series_named("second").status == "annotated"

    def test_it_is_opened_with_a_double_click(self, clinic: Clinic) -> None:
        clinic.select("pool_d")
        view = bare(clinic.table)
        place = view.visualRect(view.model().index(3, 1)).center()
        QTest.mouseDClick(
            view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )
        clinic.settle()
        assert clinic.campaign.annotating.current == "pool_d"

    def test_a_double_click_on_an_excluded_one_does_nothing(self, clinic: Clinic) -> None:
        clinic.campaign.exclude("pool_d", "odd")
        clinic.select("pool_d")
        bare(clinic.table).doubleClicked.emit(QModelIndex())
        assert clinic.campaign.annotating.awaited is None
        assert clinic.panel.complaint == ""
