"""The igniter: who proposes now, and choosing somebody else's model to begin with."""

from pathlib import Path

import qt
import slicer
from SAIMSegmentEditorLib.Connections import Connections
from slicer.i18n import tr as _

from SAIMActiveLearningLib.MappingTable import MappingTable

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "IgniterSection.ui"
NETWORKS = "*.pt *.ts *.onnx"


class IgniterSection:
    """Widgets in, calls of the campaign out; ``panel`` runs them (``CampaignPanel.act``)."""

    def __init__(self, panel):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._panel = panel
        self._campaign = None
        self._table = MappingTable(self.ui.mappingTable)
        self._connections = Connections(
            [
                (self.ui.fileButton, "clicked()", self.onFile),
                (self.ui.folderButton, "clicked()", self.onFolder),
                (self.ui.removeButton, "clicked()", self.onRemove),
                (self.ui.useButton, "clicked()", self.onUse),
                (self.ui.forgetButton, "clicked()", self.onForget),
                (self.ui.stopButton, "clicked()", self.onStop),
            ]
        )

    def disconnectAll(self):
        """Let go of the panel, which Qt's connections would keep alive."""
        self._connections.disconnectAll()
        self._campaign = None

    # -- what the user sees -----------------------------------------------------------------

    def show(self, campaign):
        """Show the igniter of ``campaign`` (None: no campaign)."""
        self._campaign = campaign
        if campaign is None:
            return
        igniter = campaign.igniter
        state = igniter.state
        free = not campaign.read_only_because and not state.running
        self.ui.proposerLabel.text = igniter.proposer.sentence
        self.ui.proposerLabel.toolTip = igniter.chosen
        self.ui.stateLabel.text = state.sentence
        self.ui.stateLabel.visible = bool(state.sentence)
        self.ui.stopButton.visible = state.running
        for button in (self.ui.fileButton, self.ui.folderButton, self.ui.useButton):
            button.enabled = free
        self.ui.forgetButton.enabled = free
        self.ui.removeButton.enabled = free and bool(igniter.chosen)
        self.ui.foundFrame.visible = state.found is not None
        self._table.show(state.found, campaign.project.classes.names)
        if state.found is not None:
            text = _("What do the classes of {name} become here?")
            self.ui.foundLabel.text = text.format(name=state.found.name)

    # -- what the user does -----------------------------------------------------------------

    def onFile(self):
        path = self._askForFile(_("Network to begin with"), NETWORKS)
        if path is None:
            return
        description = None
        if not path.with_suffix(".toml").is_file():
            description = self._askForFile(_("Description of the network"), "*.toml")
        self._panel.act(self._campaign.look_at_igniter, path, description)

    def onFolder(self):
        title = _("Folder of a model, or of labelmaps")
        folder = qt.QFileDialog.getExistingDirectory(self.widget, title, "")
        if folder:
            self._panel.act(self._campaign.look_at_igniter, Path(folder))

    def onUse(self):
        self._panel.act(self._campaign.use_igniter, self._table.rows)

    def onForget(self):
        self._panel.act(self._campaign.forget_igniter)

    def onStop(self):
        self._panel.act(self._campaign.stop_igniter)

    def onRemove(self):
        if self._panel.agrees(_("Remove the igniter, so that only your own models propose?")):
            self._panel.act(self._campaign.remove_igniter)

    def _askForFile(self, title, filters):
        chosen = qt.QFileDialog.getOpenFileName(self.widget, title, "", filters)
        return Path(chosen) if chosen else None
