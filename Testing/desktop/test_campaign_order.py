"""What the table of the queue asks for: an order, and scores."""

from __future__ import annotations

import pytest

from Testing.desktop.clinic import Clinic
from Testing.desktop.queue_table import MODEL, SCORE
from Testing.desktop.test_panel import choose


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
