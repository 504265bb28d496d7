"""The queue: its order and ranking, its table, and what is done to single series."""

from pathlib import Path

import slicer
from SAIMSegmentEditorLib.Connections import Connections
from SAIMSegmentEditorLib.NumberBox import NumberBox
from slicer.i18n import tr as _

from SAIMActiveLearningLib.QueueTable import QueueTable
from SAIMActiveLearningLib.Sentences import asSentences
from SAIMActiveLearningLib.SeriesCommands import SeriesCommands

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "QueueSection.ui"


class QueueSection:
    """Widgets in, calls of the campaign out; ``panel`` runs them (``CampaignPanel.act``)."""

    def __init__(self, panel):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._panel = panel
        self._campaign = None
        # Titles and statuses of the filter.
        self._choices = []
        self.table = QueueTable(self.ui.table, self.onSelected, panel.wake)
        self.commands = SeriesCommands(self.ui, self.table, panel)
        self._time = NumberBox(self.ui.budgetBox)
        self._connections = Connections(
            [
                (self.ui.filterEdit, "textChanged(QString)", self.onFilter),
                (self.ui.statusBox, "activated(int)", self.onFilter),
                (self.ui.strategyBox, "activated(int)", self.onOrder),
                (self.ui.budgetBox, "valueChanged(double)", self.onTime),
                (self.ui.rankButton, "clicked()", self.onRank),
                (self.ui.cancelButton, "clicked()", self.onCancel),
            ]
        )

    def disconnectAll(self):
        """Let go of the panel, which Qt's connections would keep alive."""
        self._connections.disconnectAll()
        self._time.disconnectAll()
        self.commands.disconnectAll()
        self.table.disconnectAll()
        self._campaign = None

    # -- what the user sees -----------------------------------------------------------------

    def show(self, campaign):
        """Show the queue of ``campaign``, None for none, and how its ranking goes."""
        if campaign is not self._campaign:
            self._campaign = campaign
            self.commands.forget()
            self._fillChoices()
            self._filter()
            self.table.show(campaign)
        self.commands.show(campaign)
        if campaign is not None:
            self._showOrder()
            self._showRanking()
            self._showCount()

    def showRows(self, names):
        """Show the rows of these series anew; None: all, for there may be others, or elsewhere."""
        self.table.update(names)
        if names is None and self._campaign is not None:
            self.commands.show(self._campaign)
            self._showTime()
            self._showCount()

    def _showCount(self):
        queue = self._campaign.queue
        shown, total = len(queue.view), len(queue.rows)
        text = _("{total} series") if shown == total else _("{shown} of {total} series")
        if queue.busy and not total:
            text = _("The series are being read.")
        self.ui.countLabel.text = text.format(shown=shown, total=total)

    def _showOrder(self):
        strategy = self._campaign.queue.strategy
        names = [each.name for each in self._campaign.queue.strategies]
        self.ui.strategyBox.setCurrentIndex(names.index(strategy.name))
        self.ui.strategyLabel.text = strategy.description
        minutes = self._campaign.queue.budget_minutes
        self._time.show(minutes or 0.0)
        for widget in (self.ui.strategyBox, self.ui.budgetBox):
            widget.enabled = not self._campaign.read_only_because
        self._showTime()

    def _showTime(self):
        """What fits into the session, and how its plan holds."""
        from SAIMCore.campaign.plan_display import what_fits, what_was_held

        queue = self._campaign.queue
        fits = what_fits(queue.rows, queue.budget_minutes, queue.minutes_spent)
        text = asSentences(filter(None, (fits, what_was_held(queue.plan))))
        self.ui.planLabel.text = text
        self.ui.planLabel.visible = bool(text)

    def _showRanking(self):
        state = self._campaign.ranking.state
        self.ui.rankButton.enabled = not (state.running or self._campaign.read_only_because)
        self.ui.cancelButton.enabled = state.running
        self.ui.rankingBar.visible = state.running
        # Without an end as long as the model is being loaded.
        self.ui.rankingBar.maximum = state.total
        self.ui.rankingBar.value = state.done
        self.ui.rankingLabel.text = state.sentence
        self.ui.rankingLabel.visible = bool(state.sentence)

    # -- what the user does -----------------------------------------------------------------

    def onSelected(self):
        """Another series is selected, or none."""
        self.commands.forget()
        self.commands.show(self._campaign)

    def onFilter(self):
        if self._campaign is not None:
            self._filter()
            self.showRows(None)

    def onOrder(self):
        """Another order; a session of the same time begins anew with it."""
        queue = self._campaign.queue
        strategy = queue.strategies[self.ui.strategyBox.currentIndex].name
        self._panel.act(self._campaign.choose_strategy, strategy, queue.budget_minutes)

    def onTime(self):
        """A session of another time begins."""
        # Hidden with its project, the box tells what was being typed.
        if self._panel.campaign is None:
            return
        strategy = self._campaign.queue.strategy.name
        self._panel.act(self._campaign.choose_strategy, strategy, self.ui.budgetBox.value or None)

    def onRank(self):
        self._panel.act(self._campaign.rank)

    def onCancel(self):
        self._panel.act(self._campaign.ranking.cancel)

    # -- parts ------------------------------------------------------------------------------

    def _fillChoices(self):
        self.ui.strategyBox.clear()
        self.ui.statusBox.clear()
        if self._campaign is None:
            return
        # Imported here, since it needs packages that may have to be installed first.
        from SAIMCore.project.records import POOL_STATUSES, STATUSES

        self._choices = [
            (_("All series"), None),
            (_("To annotate"), POOL_STATUSES),
            *((status, (status,)) for status in STATUSES),
        ]
        self.ui.statusBox.addItems([title for title, _statuses in self._choices])
        self.ui.strategyBox.addItems([each.name for each in self._campaign.queue.strategies])

    def _filter(self):
        """Let the rows pass that the widgets say."""
        if self._campaign is not None:
            statuses = self._choices[self.ui.statusBox.currentIndex][1]
            self._campaign.queue.view.filter(self.ui.filterEdit.text, statuses)
