"""The table of the queue: its rows, their order and the filter."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from Testing.desktop.clinic import Clinic
from Testing.desktop.queue_table import NAME, POOL, RANK, REASON, SCORE, STATUS, show
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.test_panel import choose
from Testing.unit.campaign.made_up import queue_row

OTHERS = ["exam", "first", "second", "val"]


def header(clinic: Clinic, column: int) -> None:
    """Click on the title of a column."""
    bare(clinic.table).horizontalHeader().sectionClicked.emit(column)


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
