"""The table of the queue with ten thousand series."""

from __future__ import annotations

import pytest

from SAIMCore.campaign.queue import QueueRow
from Testing.desktop.clinic import Clinic
from Testing.desktop.queue_table import show
from Testing.desktop.stand_in.objects import bare
from Testing.unit.campaign.made_up import queue_row


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
