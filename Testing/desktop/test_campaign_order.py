"""What the table of the queue asks for: an order, and scores."""

from __future__ import annotations

import pytest

from Testing.desktop.clinic import Clinic
from Testing.desktop.queue_table import MODEL, SCORE
from Testing.desktop.test_panel import choose
from Testing.unit.campaign.made_up import queue_row


class TestOrder:
    """The strategy, and the time of a session."""

    def test_the_strategy_is_chosen_with_what_it_does(self, clinic: Clinic) -> None:
        ui = clinic.panel.queue.ui
        assert ui.strategyBox.currentText == "entropy"
        assert "most unsure" in ui.strategyLabel.text
        choose(ui.strategyBox, [s.name for s in clinic.campaign.queue.strategies].index("random"))
        assert "random order" in ui.strategyLabel.text
        assert clinic.campaign.project.settings.selection.strategy == "random"

    @pytest.mark.parametrize("name", ["entropy", "easy-first", "hard-first"])
    def test_every_order_takes_a_time(self, clinic: Clinic, name: str) -> None:
        ui = clinic.panel.queue.ui
        names = [strategy.name for strategy in clinic.campaign.queue.strategies]
        choose(ui.strategyBox, names.index(name))
        assert clinic.campaign.queue.strategy.name == name
        assert ui.budgetBox.text == "no limit"
        assert ui.planLabel.isHidden()
        assert clinic.campaign.project.settings.selection.budget_minutes is None
        ui.budgetBox.setValue(45.0)
        assert clinic.campaign.project.settings.selection.budget_minutes == 45
        clinic.settle()
        assert ui.planLabel.text.startswith("Which series fit cannot be said before")
        assert not ui.planLabel.isHidden()
        ui.budgetBox.setValue(0.0)
        assert clinic.campaign.project.settings.selection.budget_minutes is None

    def test_a_time_with_fractions_is_not_changed_by_showing_it(self, clinic: Clinic) -> None:
        clinic.campaign.choose_strategy("easy-first", 12.4)
        clinic.settle()
        ui = clinic.panel.queue.ui
        assert ui.budgetBox.value == 12
        names = [strategy.name for strategy in clinic.campaign.queue.strategies]
        choose(ui.strategyBox, names.index("entropy"))
        selection = clinic.campaign.project.settings.selection
        assert (selection.strategy, selection.budget_minutes) == ("entropy", 12.4)

    def test_what_fits_and_how_the_plan_holds_is_said(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clinic.campaign.choose_strategy("easy-first", 10.0)
        clinic.settle()
        others = [queue_row(name, predicted_minutes=5.0) for name in "bc"]
        done = queue_row("a", predicted_minutes=5.0, minutes_spent=4.0, status="annotated")
        for first in (queue_row("a", predicted_minutes=5.0), done):
            shown = [first, *others]
            monkeypatch.setattr(
                "SAIMCore.campaign.series_queue.queue_rows", lambda *_, rows=shown: rows
            )
            clinic.campaign.queue.rebuild()
            clinic.panel.wake()
            clinic.settle()
        lines = clinic.panel.queue.ui.planLabel.text.split("\n")
        assert lines == [
            "1 of 2 series fits into the 6.0 min left, taking about 5.0 min.",
            "1 of 2 planned series accepted after 4.0 min of 10 min; expected 5.0 min, took "
            "4.0 min (20 % less).",
        ]


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
