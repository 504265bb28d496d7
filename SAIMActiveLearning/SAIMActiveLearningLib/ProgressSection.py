"""The section "Models and progress": how good the models are, and what annotating takes."""

from pathlib import Path

import slicer
from SAIMSegmentEditorLib.Connections import Connections
from slicer.i18n import tr as _

from SAIMActiveLearningLib.CurveTab import CurveTab
from SAIMActiveLearningLib.EffortTab import EffortTab
from SAIMActiveLearningLib.FileQuestion import askForFile
from SAIMActiveLearningLib.ModelsTab import ModelsTab
from SAIMActiveLearningLib.PlansTab import PlansTab
from SAIMActiveLearningLib.Sentences import asSentences

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "ProgressSection.ui"


class ProgressSection:
    """Shows the overview of a campaign; ``panel`` is its host, and runs what users do (``act``).

    The overview is read with the queue, in the background: ``show`` is cheap while it is the same.
    """

    def __init__(self, panel):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self.panel = panel
        self.campaign = None
        self._overview = None
        self.tabs = [CurveTab(self), EffortTab(self), PlansTab(self), ModelsTab(self)]
        connections = [(self.ui.queueCsvButton, "clicked()", self.onQueueCsv)]
        for tab in self.tabs:
            connections += tab.connections
        self._connections = Connections(connections)
        closed = slicer.vtkMRMLScene.EndCloseEvent
        self._observer = slicer.mrmlScene.AddObserver(closed, self.onSceneClosed)
        self._showSummary()

    def show(self, campaign):
        """Show how ``campaign`` is doing; None: there is none."""
        overview = None if campaign is None else campaign.queue.overview
        changed = campaign is not self.campaign or overview is not self._overview
        self.campaign, self._overview = campaign, overview
        if changed:
            self._showSummary()
            self._showTabs()

    def disconnectAll(self):
        """Let go of the slots, and take the curves out of the scene."""
        slicer.mrmlScene.RemoveObserver(self._observer)
        self._connections.disconnectAll()
        self.campaign = self._overview = None
        for tab in self.tabs:
            tab.remove()

    # -- for the tabs -----------------------------------------------------------------------

    def write(self, title, name, suffix, write):
        """Ask for a file, and let ``write`` write it; what cannot be written is said."""
        path = self.askForFile(title, name, suffix)
        if path is not None:
            self.panel.act(self._write, write, path)

    def askForFile(self, title, name, suffix):
        """A file beside the project, or wherever the user wants it; None: nowhere."""
        proposal = self.campaign.project.folder.parent / f"{name}{suffix}"
        return askForFile(self.widget, title, proposal, suffix)

    # -- events -----------------------------------------------------------------------------

    def onSceneClosed(self, caller, event):
        """The curves went with the scene, but not what they show."""
        self._showTabs()

    def onQueueCsv(self):
        """Write the queue as a table."""
        from SAIMCore.campaign.tables import queue_table, write_csv

        table = queue_table(self.campaign.queue.rows)
        self.write(_("Queue as CSV"), "queue", ".csv", lambda path: write_csv(path, table))

    # -- parts ------------------------------------------------------------------------------

    def _write(self, write, path):
        write(path)
        self.panel.say(_("{path} was written.").format(path=path))

    def _showTabs(self):
        for tab in self.tabs:
            tab.show(self._overview)

    def _showSummary(self):
        overview = self._overview
        self.widget.enabled = overview is not None
        share = None if overview is None else overview.share
        self.ui.shareBar.maximum = 100
        self.ui.shareBar.value = 0 if share is None else round(100 * share)
        self.ui.shareBar.format = _("no pool") if share is None else _("%p % of the pool annotated")
        self.ui.summaryLabel.text = "" if overview is None else _summary(overview)


def _summary(overview):
    """What there is to say, a sentence in each line."""
    hours = _("How long the rest will take cannot be said yet.")
    if overview.hours is not None:
        hours = _("Annotating the rest takes about {hours:.1f} hours.").format(hours=overview.hours)
    return asSentences((hours, overview.trend, overview.worth.sentence))
