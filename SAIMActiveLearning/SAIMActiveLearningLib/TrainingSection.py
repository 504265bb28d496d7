"""Training: begin, pause, resume, give up, and how it goes."""

from pathlib import Path

import qt
import slicer
from SAIMSegmentEditorLib.Connections import Connections
from SAIMSegmentEditorLib.NumberBox import NumberBox
from slicer.i18n import tr as _

from SAIMActiveLearningLib.CurvePlot import CurvePlot
from SAIMActiveLearningLib.Sentences import asSentence, asSentences

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "TrainingSection.ui"


class TrainingSection:
    """Widgets in, calls of the campaign out; ``panel`` runs them (``CampaignPanel.act``)."""

    def __init__(self, panel):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._panel = panel
        self._campaign = None
        self._plot = CurvePlot(self.ui.curveFrame.layout(), "SAIM training")
        self._drawn = ()
        self._phase = None
        self._accepted = NumberBox(self.ui.acceptedBox)
        self._growth = NumberBox(self.ui.growthBox)
        self._connections = Connections(
            [
                (self.ui.trainButton, "clicked()", self.onTrain),
                (self.ui.pauseButton, "clicked()", self.onPause),
                (self.ui.cancelButton, "clicked()", self.onCancel),
                (self.ui.automaticBox, "clicked()", self.onAutomatic),
                (self.ui.acceptedBox, "valueChanged(int)", self.onAutomatic),
                (self.ui.growthBox, "valueChanged(double)", self.onGrowth),
                (self.ui.logButton, "clicked()", self.onLog),
            ]
        )

    def disconnectAll(self):
        """Let go of the panel, which Qt's connections would keep alive, and of the curve."""
        self._connections.disconnectAll()
        self._accepted.disconnectAll()
        self._growth.disconnectAll()
        self._campaign = None
        self._plot.remove()

    # -- what the user sees -----------------------------------------------------------------

    def show(self, campaign):
        """Show the training of ``campaign`` (None: no campaign)."""
        if campaign is not self._campaign:
            self._campaign = campaign
            self.ui.logButton.checked = False
        if campaign is None:
            self._plot.remove()
            self._drawn = ()
            return
        state, writable = campaign.training.state, not campaign.read_only_because
        self.ui.trainButton.text = _("Resume") if state.resumable else _("Train now")
        self.ui.trainButton.enabled = writable and not state.active
        stopping = state.phase == "pausing"
        self.ui.pauseButton.enabled = writable and state.active and not stopping
        self.ui.cancelButton.enabled = writable and (state.active or state.resumable)
        self.ui.stateLabel.text = asSentence(state.sentence)
        self.ui.warningLabel.text = asSentences(state.warnings)
        self.ui.warningLabel.visible = bool(state.warnings)
        self._showAutomatic(writable)
        self.showWaiting()
        self._showProgress(state)
        self._showCurve(state)
        self._showLog(state)

    def showWaiting(self):
        """Show how many series the next training waits for; that is read with the queue."""
        overview = None if self._campaign is None else self._campaign.queue.overview
        self.ui.waitingLabel.visible = overview is not None
        if overview is not None:
            from SAIMCore.campaign.automatic_training import round_size

            automatic = self._campaign.project.settings.automatic_training
            needed = round_size(automatic.accepted, automatic.growth, overview.round_number)
            text = _("{count} of {needed} accepted for the next training.")
            count = overview.round_accepted
            self.ui.waitingLabel.text = text.format(count=count, needed=needed)

    def _showAutomatic(self, writable):
        automatic = self._campaign.project.settings.automatic_training
        self.ui.automaticBox.checked = automatic.enabled
        self._accepted.show(automatic.accepted)
        self._growth.show(automatic.growth)
        self.ui.automaticBox.enabled = writable
        for widget in (self.ui.acceptedBox, self.ui.growthBox):
            widget.enabled = writable and automatic.enabled

    def _showProgress(self, state):
        from SAIMCore.campaign.training_display import share_trained

        self.ui.progressBar.visible = state.active
        share = share_trained(state)
        # Without an end where nobody knows how long it takes.
        self.ui.progressBar.maximum = 0 if share is None else 100
        self.ui.progressBar.value = 0 if share is None else int(100 * share)

    def _showCurve(self, state):
        from SAIMCore.campaign.training_display import live_curve

        self.ui.curveFrame.visible = bool(state.curve)
        if state.curve and (state.curve != self._drawn or not self._plot.present):
            self._drawn = state.curve
            title = _("Training of round {number}").format(number=state.round)
            self._plot.show(title, _("epoch"), "", *live_curve(state))

    def _showLog(self, state):
        """The log at a click; after a failure at once."""
        from SAIMCore.campaign.training_display import end_of_log

        if state.phase == "failed" != self._phase:
            self.ui.logButton.checked = True
        self._phase = state.phase
        self.ui.logButton.visible = state.log_file is not None
        shown = state.log_file is not None and self.ui.logButton.checked
        self.ui.logButton.text = _("Hide log") if shown else _("Show log")
        self.ui.logText.visible = shown
        text = end_of_log(state.log_file) if shown else ""
        if text != self.ui.logText.plainText:
            self.ui.logText.plainText = text
            self.ui.logText.moveCursor(qt.QTextCursor.End)

    # -- what the user does -----------------------------------------------------------------

    def onTrain(self):
        self._panel.act(self._campaign.train)

    def onPause(self):
        self._panel.act(self._campaign.pause_training)

    def onCancel(self):
        self._panel.act(self._campaign.cancel_training)

    def onAutomatic(self):
        self._choose(None)

    def onGrowth(self):
        self._choose(self.ui.growthBox.value)

    def onLog(self):
        self.show(self._campaign)

    # -- parts ------------------------------------------------------------------------------

    def _choose(self, growth):
        """Write down when trainings begin by themselves; without a growth that stays as it is."""
        # Hidden with their project, the boxes tell what was being typed.
        if self._panel.campaign is None:
            return
        from SAIMCore.campaign.automatic_training import choose_automatic_training

        enabled, accepted = self.ui.automaticBox.checked, self.ui.acceptedBox.value
        self._panel.act(
            choose_automatic_training, self._campaign.project, enabled, accepted, growth
        )
