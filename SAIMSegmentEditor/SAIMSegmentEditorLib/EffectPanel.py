"""The options of the effect: widgets in, calls of the effect out."""

from pathlib import Path

import ctk
import slicer
from slicer.i18n import tr as _

from SAIMSegmentEditorLib.ClassTable import ClassTable
from SAIMSegmentEditorLib.Connections import Connections
from SAIMSegmentEditorLib.OptionsSection import OptionsSection

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "SAIMSegmentEditorEffect.ui"
MODEL_SETTING = "SAIM/Model"
DEVICES = ("auto", "cpu", "cuda", "mps")


class EffectPanel:
    """The options frame of ``effect``; ``update`` shows what its desk says."""

    def __init__(self, effect):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self.classTable = ClassTable(self.ui.classTable)
        self.options = OptionsSection(self.ui, effect)
        self._effect = effect
        self._updating = False
        # With files as well, its button would only let files be chosen.
        self.ui.modelPath.filters = ctk.ctkPathLineEdit.Dirs
        # CTK's widget does not tell when somebody has typed a path; what it is made of does.
        (self._pathEdit,) = slicer.util.findChildren(self.ui.modelPath, className="QLineEdit")
        self.ui.device.addItems(list(DEVICES))
        commands = {
            self.ui.segmentSliceButton: "segment_slice",
            self.ui.segmentSeriesButton: "segment_series",
            self.ui.acceptButton: "toggle_accepted",
            self.ui.resetButton: "reset_slice",
            self.ui.previousButton: "previous_slice",
            self.ui.nextButton: "next_slice",
            self.ui.uncertainButton: "next_uncertain_slice",
            self.ui.cancelButton: "cancel",
        }
        self._connections = Connections(
            [
                *((button, "clicked()", self._command(name)) for button, name in commands.items()),
                (self.ui.installButton, "clicked()", effect.onInstall),
                (self.ui.modelPath, "currentPathChanged(QString)", self.onPathChanged),
                (self._pathEdit, "editingFinished()", self.onPathTyped),
                (self.ui.device, "currentIndexChanged(int)", self.onModelChosen),
            ]
        )
        self.ui.messageLabel.visible = False
        self.ui.remarkLabel.visible = False
        self.ui.missingFrame.visible = False
        self.ui.progressFrame.visible = False

    def disconnectAll(self):
        """Let go of the effect, which Qt's connections would keep alive."""
        self._connections.disconnectAll()
        self.classTable.disconnectAll()
        self.options.disconnectAll()

    # -- what the user does -----------------------------------------------------------------

    def onPathChanged(self):
        """A path was chosen; or it is being typed, and counts when that is finished."""
        if not self._pathEdit.modified:
            self.onModelChosen()

    def onPathTyped(self):
        """Return was pressed in the path, or something else has the keyboard now."""
        if self._pathEdit.modified:
            self._pathEdit.modified = False
            self.onModelChosen()

    def onModelChosen(self, *_arguments):
        """Another model or device."""
        path = self.ui.modelPath.currentPath
        if self._updating or not path:
            return
        # Only what is a model is remembered.
        if self._effect.chooseModel(path, DEVICES[self.ui.device.currentIndex]):
            slicer.app.settings().setValue(MODEL_SETTING, path)

    def chooseRememberedModel(self):
        """Use the model that was used last, if there is one."""
        path = slicer.util.settingsValue(MODEL_SETTING, "")
        if path:
            self.chooseModel(path)

    def chooseModel(self, path):
        """Use the model in ``path``, as if the user had chosen it."""
        self._updating = True
        self.ui.modelPath.currentPath = path
        self._updating = False
        self.onModelChosen()

    # -- what the user sees -----------------------------------------------------------------

    def showMissing(self, packages, megabytes):
        """Say what has to be installed before anything works; nothing when nothing has to."""
        self.ui.missingFrame.visible = bool(packages)
        self.ui.workFrame.visible = not packages
        names = ", ".join(package.module for package in packages)
        text = _("SAIM needs Python packages that are not installed: {names} (about {size} MB).")
        self.ui.missingLabel.text = text.format(names=names, size=megabytes)

    def complain(self, sentence):
        """Show an error until the user does something else."""
        self.ui.messageLabel.text = sentence
        self.ui.messageLabel.visible = True

    def clearComplaint(self):
        """The user went on."""
        self.ui.messageLabel.visible = False

    def update(self, desk):
        """Show status, progress and accepted slices of ``desk``."""
        self.ui.statusLabel.text = desk.status
        self.ui.sliceFrame.enabled = desk.series is not None
        if desk.series is not None:
            self.classTable.show(desk.series.segments)
        self.options.show(desk)
        self.ui.remarkLabel.text = desk.remark
        self.ui.remarkLabel.visible = bool(desk.remark)
        self._showAccepted(desk)
        self.showProgress(desk)

    def showProgress(self, desk):
        """Show how far the series is segmented."""
        progress = desk.progress
        self.ui.progressFrame.visible = progress is not None
        if progress is not None:
            self.ui.progressBar.maximum = progress[1]
            self.ui.progressBar.value = progress[0]

    def _showAccepted(self, desk):
        accepted = desk.accepted
        if accepted is None:
            self.ui.acceptedBar.maximum = 1
            self.ui.acceptedBar.value = 0
            self.ui.acceptedBar.format = ""
            return
        done, count = accepted
        self.ui.acceptedBar.maximum = count
        self.ui.acceptedBar.value = done
        text = _("{done} of {count} slices accepted")
        self.ui.acceptedBar.format = text.format(done=done, count=count)
        self.ui.acceptButton.text = _("Reopen slice") if desk.slice_accepted else _("Accept slice")

    def _command(self, name):
        return lambda: self._effect.do(name)
