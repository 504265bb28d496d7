"""The panel of a campaign: a project, its sections, and the timer that drives it all."""

import time
from pathlib import Path

import qt
import slicer
from SAIMSegmentEditorLib.Connections import Connections
from SAIMSegmentEditorLib.RequiredPackages import RequiredPackages
from slicer.i18n import tr as _

from SAIMActiveLearningLib.AnnotationSection import AnnotationSection
from SAIMActiveLearningLib.IgniterSection import IgniterSection
from SAIMActiveLearningLib.NewProjectDialog import NewProjectDialog
from SAIMActiveLearningLib.ProgressSection import ProgressSection
from SAIMActiveLearningLib.QueueSection import QueueSection
from SAIMActiveLearningLib.Sentences import asSentence
from SAIMActiveLearningLib.SlicerEditor import SlicerEditor
from SAIMActiveLearningLib.TrainingSection import TrainingSection
from SAIMCore.errors import SaimError
from SAIMCore.installing import CAMPAIGN
from SAIMCore.threads import limit_spinning

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "SAIMActiveLearning.ui"
PROJECT_SETTING = "SAIM/Project"

POLL_MS = 30
# Of each poll. The threads get on while Python waits, for an idle application keeps it to itself
# (slicer-facts.md, E).
WAIT_SECONDS = 0.01


class CampaignPanel:
    """The ``CampaignHost`` of the project that is open in it; opened by ``begin``.

    campaign, place: None as long as no project is open. complaint: the error that is shown, "" when
    none is.
    """

    def __init__(self):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self.campaign = None
        self.place = None
        self.complaint = ""
        self._packages = RequiredPackages(CAMPAIGN)
        self._dialog = None
        self._timer = qt.QTimer()
        self._timer.setInterval(POLL_MS)
        self.annotation = AnnotationSection(self)
        self.queue = QueueSection(self)
        self.training = TrainingSection(self)
        self.igniter = IgniterSection(self)
        self.progress = ProgressSection(self)
        self._sections = (
            self.annotation,
            self.queue,
            self.training,
            self.igniter,
            self.progress,
        )
        buttons = (
            self.ui.annotationButton,
            self.ui.queueButton,
            self.ui.trainingButton,
            self.ui.igniterButton,
            self.ui.progressButton,
        )
        for button, section in zip(buttons, self._sections, strict=True):
            button.layout().addWidget(section.widget)
        self._connections = Connections(
            [
                (self._timer, "timeout()", self.onPoll),
                (self.ui.installButton, "clicked()", self.onInstall),
                (self.ui.newButton, "clicked()", self.onNew),
                (self.ui.openButton, "clicked()", self.onOpen),
                # The worker threads would keep the application from ending.
                (slicer.app, "aboutToQuit()", self.close),
            ]
        )
        scene = slicer.mrmlScene
        self._observers = [
            scene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, self._sceneCloses),
            scene.AddObserver(slicer.vtkMRMLScene.EndCloseEvent, self._sceneClosed),
        ]
        self.clearMessages()
        self.refresh()

    def begin(self):
        """Open the project that was open last, or say what has to be installed first."""
        missing = self._packages.missing()
        self.ui.missingFrame.visible = bool(missing)
        self.ui.workFrame.visible = not missing
        if missing:
            text = _(
                "SAIM needs Python packages that are not installed: {names} (about {size} MB)."
            )
            self.ui.missingLabel.text = text.format(
                names=", ".join(package.module for package in missing),
                size=self._packages.downloadSize(missing),
            )
            return
        remembered = slicer.util.settingsValue(PROJECT_SETTING, "")
        if remembered and self.campaign is None:
            self.openProject(Path(remembered))

    def close(self):
        """Put the open series away, let go of the project and of everything else."""
        for observer in self._observers:
            slicer.mrmlScene.RemoveObserver(observer)
        self._observers = []
        self._connections.disconnectAll()
        sections, self._sections = self._sections, ()
        # Falsy once it was closed.
        if self._dialog is not None and self._dialog.dialog:
            self._dialog.close()
        self._dialog = None
        try:
            self.closeProject()
        finally:
            # Also after an error of the program: Qt would keep them alive.
            for section in sections:
                section.disconnectAll()

    # -- the project ------------------------------------------------------------------------

    def openProject(self, folder):
        """Show the project in ``folder`` instead of the one that is open."""
        self.act(self._open, Path(folder).absolute())

    def closeProject(self):
        """Show no project; a training goes on by itself."""
        self._timer.stop()
        campaign, self.campaign, self.place = self.campaign, None, None
        if campaign is not None:
            with self._reporting():
                campaign.close()
        self.refresh()

    def _open(self, folder):
        # Before PyTorch is loaded, which reads it then.
        limit_spinning()
        from SAIMCore.campaign.campaign import Campaign
        from SAIMCore.mrml.editor_place import EditorPlace
        from SAIMCore.project.lock import login_name
        from SAIMCore.project.settings import ProjectSettings

        classes = ProjectSettings.read(folder).classes
        place = EditorPlace(slicer.mrmlScene, SlicerEditor(folder), classes)
        campaign = Campaign(folder, self, place, login_name())
        self.closeProject()
        self.campaign, self.place = campaign, place
        # Where there is no model yet, that is where one begins.
        self.ui.igniterButton.collapsed = campaign.project.models.current() is not None
        slicer.app.settings().setValue(PROJECT_SETTING, str(folder))
        if campaign.project.warnings:
            self.complain("\n".join(campaign.project.warnings))

    # -- what the user does -----------------------------------------------------------------

    def act(self, action, *arguments):
        """Something that the user does: what the last thing led to is not shown any more."""
        self.clearMessages()
        self.attempt(action, *arguments)
        self.refresh()
        self.wake()

    def attempt(self, action, *arguments):
        """Do something; errors of the user are said, those of the program are a dialog."""
        with self._reporting():
            try:
                action(*arguments)
            except SaimError as error:
                self.complain(str(error))

    def onNew(self):
        self._dialog = NewProjectDialog(self.widget, self.openProject)
        self._dialog.open()

    def onOpen(self):
        remembered = slicer.util.settingsValue(PROJECT_SETTING, "")
        title = _("Folder of the project")
        folder = qt.QFileDialog.getExistingDirectory(self.widget, title, remembered)
        if folder:
            self.openProject(Path(folder))

    def onInstall(self):
        """Install what is missing, after the user agreed."""
        self.clearMessages()
        try:
            self.attempt(self._packages.install)
        finally:
            # Some of it may have been installed before the user declined the rest.
            self.begin()

    # -- what the user sees -----------------------------------------------------------------

    def clearMessages(self):
        """The user went on."""
        self.complaint = ""
        self.ui.complaintLabel.visible = False
        self.ui.newsLabel.visible = False

    def _showProject(self):
        campaign = self.campaign
        self.ui.campaignFrame.visible = campaign is not None
        because = "" if campaign is None else campaign.read_only_because
        self.ui.bannerLabel.visible = bool(because)
        text = _("Nothing can be changed here: {reason}")
        self.ui.bannerLabel.text = asSentence(text.format(reason=because))
        if campaign is None:
            self.ui.projectLabel.text = _("No project is open.")
            self.ui.projectLabel.toolTip = ""
        else:
            self.ui.projectLabel.text = campaign.project.settings.name
            self.ui.projectLabel.toolTip = str(campaign.project.folder)

    # -- CampaignHost -----------------------------------------------------------------------

    def refresh(self):
        self._showProject()
        for section in self._sections:
            self.attempt(section.show, self.campaign)

    def rows_changed(self, names):
        self.queue.showRows(names)
        if names is None:
            self.attempt(self.progress.show, self.campaign)
            self.training.showWaiting()

    def complain(self, sentence):
        self.complaint = sentence
        self.ui.complaintLabel.text = asSentence(sentence)
        self.ui.complaintLabel.visible = True

    def say(self, sentence):
        self.ui.newsLabel.text = sentence
        self.ui.newsLabel.visible = True

    def agrees(self, question):
        return slicer.util.confirmYesNoDisplay(question)

    def wake(self):
        # While a project is being opened it cannot be polled yet.
        if self.campaign is not None and not self._timer.active:
            self._timer.start()

    # -- events -----------------------------------------------------------------------------

    def onPoll(self):
        until = time.monotonic() + WAIT_SECONDS
        busy = False
        try:
            with self._reporting():
                busy = self.campaign.poll(WAIT_SECONDS)
        finally:
            # Also after an error of the program, which would else be shown again and again.
            if not busy:
                self._timer.stop()
        time.sleep(max(0.0, until - time.monotonic()))

    def _sceneCloses(self, caller, event):
        """What is open goes with the scene: put it away before."""
        if self.campaign is not None:
            self.attempt(self.campaign.save_for_later)

    def _sceneClosed(self, caller, event):
        """Curves went with the scene, too."""
        self.refresh()

    def _reporting(self):
        """Errors of the program, in a dialog with the traceback."""
        return slicer.util.tryWithErrorDisplay(_("SAIM could not do this."), waitCursor=False)
