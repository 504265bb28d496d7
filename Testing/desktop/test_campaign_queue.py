"""The table of the queue: what it shows, what it asks for, and what is done with single series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from SAIMCore.campaign.queue import QueueRow
from Testing.desktop.clinic import Clinic
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.test_panel import choose
from Testing.unit.campaign.made_up import queue_row

POOL = ["pool_a", "pool_b", "pool_c", "pool_d"]
OTHERS = ["exam", "first", "second", "val"]
NAME, STATUS, SCORE, RANK, MODEL, PREDICTED, ANNOTATOR, SPENT, CLICKS, REASON = range(1, 11)


def header(clinic: Clinic, column: int) -> None:
    """Click on the title of a column."""
    bare(clinic.table).horizontalHeader().sectionClicked.emit(column)


def show(clinic: Clinic, rows: Sequence[QueueRow]) -> None:
    """Let the queue have these rows."""
    clinic.campaign.queue._show(list(rows))
    clinic.panel.rows_changed(None)


class TestRows:
    """What the cells say."""

    def test_the_pool_comes_first_in_its_order(self, clinic: Clinic) -> None:
        assert clinic.names == POOL + OTHERS
        assert clinic.cells(RANK) == ["1", "2", "3", "4", "", "", "", ""]
        assert clinic.cells(STATUS)[3:6] == ["unannotated", "test", "annotated"]
        assert clinic.panel.queue.ui.countLabel.text == "8 series"

    def test_every_figure_has_its_cell(self, clinic: Clinic) -> None:
        show(
            clinic,
            [
                queue_row(
                    "a",
                    score=0.12345,
                    rank=7,
                    model_version="round-001",
                    stale=True,
                    predicted_minutes=11.6,
                    annotator="ada",
                    minutes_spent=0.4,
                    clicks=12,
                    pinned=True,
                    reason="the meeting",
                ),
                queue_row("b", skipped=True),
            ],
        )
        assert [clinic.cells(column)[0] for column in range(1, 11)] == [
            "a",
            "pinned, unannotated",
            "0.123",
            "7",
            "round-001 (old)",
            "12 min",
            "ada",
            "< 1 min",
            "12",
            "the meeting",
        ]
        assert [clinic.cells(column)[1] for column in range(1, 11)] == [
            "b", "skipped, unannotated", "", "", "", "", "", "", "", None,
        ]  # fmt: skip

    def test_the_titles_say_what_is_below(self, clinic: Clinic) -> None:
        model = bare(clinic.table).model()
        titles = [model.headerData(section, Qt.Orientation.Horizontal) for section in range(1, 11)]
        assert titles == [
            "Name",
            "Status",
            "Score",
            "Rank",
            "Model",
            "Predicted",
            "Annotated by",
            "Time spent",
            "Clicks",
            "Reason",
        ]
        assert model.headerData(0, Qt.Orientation.Vertical) is None

    def test_a_score_of_an_earlier_model_is_marked(self, clinic: Clinic) -> None:
        show(clinic, [queue_row("a", score=0.1, model_version="round-001", stale=True)])
        model = bare(clinic.table).model()
        role = Qt.ItemDataRole
        assert "Rank" in model.data(model.index(0, SCORE), role.ToolTipRole)
        assert model.data(model.index(0, SCORE), role.ForegroundRole) is not None

    def test_what_does_not_fit_into_the_session_is_marked(self, clinic: Clinic) -> None:
        show(clinic, [queue_row("a", within_budget=False), queue_row("b", within_budget=True)])
        model = bare(clinic.table).model()
        role = Qt.ItemDataRole
        assert "does not suffice" in model.data(model.index(0, NAME), role.ToolTipRole)
        assert model.data(model.index(0, NAME), role.ForegroundRole) is not None
        assert model.data(model.index(1, NAME), role.ForegroundRole) is None
        text = model.data(model.index(1, NAME), role.ToolTipRole)
        assert text == "b: 10 slices, patient not known"

    def test_numbers_are_on_the_right(self, clinic: Clinic) -> None:
        model = bare(clinic.table).model()
        role = Qt.ItemDataRole.TextAlignmentRole
        assert model.data(model.index(0, SCORE), role) & Qt.AlignmentFlag.AlignRight
        assert model.data(model.index(0, NAME), role) is None

    def test_thumbnails_come_while_one_looks(self, clinic: Clinic) -> None:
        model = bare(clinic.table).model()

        def picture(row: int) -> object:
            return model.data(model.index(row, 0), Qt.ItemDataRole.DecorationRole)

        clinic.host.until(lambda: picture(0) is not None)
        assert not picture(0).isNull()  # type: ignore[attr-defined]
        assert clinic.campaign.thumbnails.path("pool_a") is not None

    def test_a_cell_that_is_gone_is_empty(self, clinic: Clinic) -> None:
        model = bare(clinic.table).model()
        cell = model.index(7, NAME)
        clinic.campaign.queue.view.filter("pool")
        assert model.data(cell, Qt.ItemDataRole.DisplayRole) is None
        assert model.rowCount(model.index(0, 0)) == 0
        assert model.columnCount(model.index(0, 0)) == 0

    def test_an_image_that_cannot_be_read_has_its_reason(self, clinic: Clinic) -> None:
        with clinic.without_image("pool_b"):
            clinic.press(clinic.panel.queue.ui.rankButton)
            clinic.settle()
        assert "could not be read" in clinic.panel.queue.ui.rankingLabel.text
        place = clinic.names.index("pool_b")
        assert clinic.cells(SCORE)[place] == ""
        assert "pool_b" in clinic.cells(REASON)[place]


class TestSorting:
    """A click on a title sorts; the queue stays as it is."""

    def test_a_click_sorts_the_next_one_turns_it_a_third_restores(self, clinic: Clinic) -> None:
        bar = bare(clinic.table).horizontalHeader()
        header(clinic, NAME)
        assert clinic.names == sorted(POOL + OTHERS)
        assert bar.isSortIndicatorShown()
        assert (bar.sortIndicatorSection(), bar.sortIndicatorOrder()) == (
            NAME,
            Qt.SortOrder.AscendingOrder,
        )
        header(clinic, NAME)
        assert clinic.names == sorted(POOL + OTHERS, reverse=True)
        header(clinic, NAME)
        assert clinic.names == POOL + OTHERS
        assert not bar.isSortIndicatorShown()
        assert [row.name for row in clinic.campaign.queue.rows] == POOL + OTHERS

    def test_another_column_begins_anew(self, clinic: Clinic) -> None:
        header(clinic, NAME)
        header(clinic, NAME)
        header(clinic, STATUS)
        assert clinic.cells(STATUS)[0] == "annotated"
        assert clinic.cells(STATUS)[-1] == "validation"

    def test_the_thumbnails_give_no_order(self, clinic: Clinic) -> None:
        header(clinic, NAME)
        header(clinic, 0)
        assert clinic.names == POOL + OTHERS

    def test_the_order_outlives_new_scores(self, clinic: Clinic) -> None:
        header(clinic, NAME)
        clinic.campaign.pin("val")
        clinic.settle()
        assert clinic.names == sorted(POOL + OTHERS)

    def test_qt_itself_does_not_sort(self, clinic: Clinic) -> None:
        assert not bare(clinic.table).isSortingEnabled()


class TestFilter:
    """Rows that are looked for."""

    def test_by_name_or_patient(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        ui.filterEdit.setText("POOL_c")
        assert clinic.names == ["pool_c"]
        assert ui.countLabel.text == "1 of 8 series"
        ui.filterEdit.setText("patient of exam")
        assert clinic.names == ["exam"]
        ui.filterEdit.setText("")
        assert len(clinic.names) == 8

    @pytest.mark.parametrize(
        ("place", "names"),
        [(0, POOL + OTHERS), (1, POOL), (4, ["first", "second"]), (6, ["exam"]), (7, [])],
    )
    def test_by_status(self, clinic: Clinic, place: int, names: list[str]) -> None:
        choose(clinic.panel.queue.ui.statusBox, place)
        assert clinic.names == names

    def test_the_filter_stays_for_the_next_project(
        self, clinic: Clinic, other_folder: Path
    ) -> None:
        clinic.panel.queue.ui.filterEdit.setText("pool_c")
        clinic.host.choose(other_folder)
        clinic.panel.ui.openButton.click()
        clinic.settle()
        assert clinic.names == ["pool_c"]


class TestManyRows:
    """Ten thousand series."""

    @pytest.fixture
    def asked(self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> set[int]:
        """The places that were asked for since."""
        rows = [queue_row(f"series {number:05d}", rank=number + 1) for number in range(10_000)]
        monkeypatch.setattr(clinic.campaign.thumbnails, "want", self.wanted.append)
        show(clinic, rows)
        view, places = clinic.campaign.queue.view, set[int]()
        take = view.row

        def row(place: int) -> QueueRow:
            places.add(place)
            return take(place)

        monkeypatch.setattr(view, "row", row)
        return places

    @pytest.fixture(autouse=True)
    def names(self) -> None:
        self.wanted: list[list[str]] = []

    def test_only_those_on_the_screen_are_asked_for(self, clinic: Clinic, asked: set[int]) -> None:
        clinic.panel.rows_changed(None)
        clinic.host.process()
        clinic.host.until(lambda: self.wanted)
        assert clinic.panel.queue.ui.countLabel.text == "10000 series"
        shown = bare(clinic.table).viewport().height() // 36 + 2
        assert asked
        assert max(asked) < shown
        assert self.wanted[-1] == [f"series {number:05d}" for number in range(len(self.wanted[-1]))]
        assert len(self.wanted[-1]) <= shown

    def test_scrolling_asks_for_others(self, clinic: Clinic, asked: set[int]) -> None:
        clinic.host.process()
        clinic.host.until(lambda: self.wanted)
        self.wanted.clear()
        asked.clear()
        bare(clinic.table).scrollToBottom()
        clinic.host.until(lambda: self.wanted)
        assert min(asked) > 9_900
        assert self.wanted[-1][-1] == "series 09999"

    def test_new_scores_touch_no_more(self, clinic: Clinic, asked: set[int]) -> None:
        clinic.host.process()
        asked.clear()
        clinic.panel.rows_changed(["series 05000"])
        clinic.host.process()
        assert len(asked) < 20

    def test_the_selected_series_stays_selected(self, clinic: Clinic, asked: set[int]) -> None:
        table = bare(clinic.table)
        table.selectRow(3)
        rows = clinic.campaign.queue.rows
        show(clinic, [*rows[5:], *rows[:5]])
        assert table.currentIndex().row() == 9_998
        assert clinic.panel.queue.table.row().name == "series 00003"
        clinic.panel.queue.ui.filterEdit.setText("series 00004")
        assert clinic.panel.queue.table.row() is None
        assert not clinic.panel.queue.ui.pinButton.enabled


class TestOrder:
    """The strategy, and the time of a session."""

    def test_the_strategy_is_chosen_with_what_it_does(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        assert ui.strategyBox.currentText == "entropy"
        assert "most unsure" in ui.strategyLabel.text
        assert ui.budgetFrame.isHidden()
        choose(ui.strategyBox, [s.name for s in clinic.campaign.queue.strategies].index("random"))
        assert "random order" in ui.strategyLabel.text
        assert clinic.campaign.project.settings.selection.strategy == "random"

    def test_easy_first_takes_a_time(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        names = [strategy.name for strategy in clinic.campaign.queue.strategies]
        choose(ui.strategyBox, names.index("easy-first"))
        assert not ui.budgetFrame.isHidden()
        assert ui.budgetBox.text == "no limit"
        assert clinic.campaign.project.settings.selection.budget_minutes is None
        ui.budgetBox.setValue(45.0)
        assert clinic.campaign.project.settings.selection.budget_minutes == 45
        ui.budgetBox.setValue(0.0)
        assert clinic.campaign.project.settings.selection.budget_minutes is None

    def test_a_time_with_fractions_is_not_changed_by_showing_it(self, clinic: Clinic) -> None:
        clinic.campaign.choose_strategy("easy-first", 12.4)
        clinic.settle()
        assert clinic.panel.queue.ui.budgetBox.value == 12
        assert clinic.campaign.project.settings.selection.budget_minutes == 12.4


class TestRanking:
    """Scores arrive while one looks."""

    def test_the_queue_fills(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        assert ui.rankingBar.isHidden()
        assert not ui.cancelButton.enabled
        clinic.press(ui.rankButton)
        assert not ui.rankButton.enabled
        assert ui.cancelButton.enabled
        assert not ui.rankingBar.isHidden()
        clinic.settle()
        assert ui.rankingLabel.text == "Ranking done."
        assert ui.rankingBar.isHidden()
        assert ui.rankButton.enabled
        assert all(clinic.cells(SCORE)[:4])
        assert clinic.cells(MODEL)[:4] == ["round-007"] * 4

    def test_it_can_be_ended(self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
        ui = clinic.panel.queue.ui
        clinic.press(ui.rankButton)
        clinic.press(ui.cancelButton)
        clinic.settle()
        assert ui.rankingLabel.text == "Ranking stopped; what was scored is kept."
        assert "" in clinic.cells(SCORE)[:4]

    def test_progress_is_shown(self, clinic: Clinic) -> None:
        ui, seen = clinic.panel.queue.ui, []
        clinic.press(ui.rankButton)

        def running() -> bool:
            seen.append((ui.rankingBar.value, ui.rankingBar.maximum))
            return clinic.campaign.ranking.state.running

        clinic.host.until(lambda: not running())
        assert (0, 0) in seen


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
