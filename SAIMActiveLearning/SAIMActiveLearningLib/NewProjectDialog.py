"""The dialog that makes a project step by step; what happens is ``campaign.creation``'s."""

import contextlib
from pathlib import Path

import qt
import slicer
from SAIMSegmentEditorLib.Connections import Connections
from slicer.i18n import tr as _

from SAIMActiveLearningLib.CheckPage import CheckPage
from SAIMActiveLearningLib.ClassesPage import ClassesPage
from SAIMActiveLearningLib.ImagesPage import ImagesPage
from SAIMActiveLearningLib.ProjectPage import ProjectPage
from SAIMActiveLearningLib.Sentences import asSentence
from SAIMActiveLearningLib.SplitPage import SplitPage

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "NewProjectDialog.ui"
POLL_MS = 5
SIZE = (800, 600)


class NewProjectDialog:
    """Asks for images, classes, split and place; ``onMade`` gets the folder of the new project.

    Each page fills and reads its own widgets, and begins what its Next does; ``run`` is how.
    """

    def __init__(self, parent, onMade):
        from SAIMCore.campaign.creation import ProjectCreation
        from SAIMCore.campaign.polite_thread import polite_executor

        self.dialog = qt.QDialog(parent)
        self.dialog.setWindowTitle(_("New SAIM project"))
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        qt.QVBoxLayout(self.dialog).addWidget(self.widget)
        self.dialog.resize(*SIZE)
        self._onMade = onMade
        self._executor = polite_executor("new project")
        self.creation = ProjectCreation(self._executor)
        self._steps = None
        self._then = None
        self._closed = False
        self._timer = qt.QTimer()
        self._timer.setInterval(POLL_MS)
        images = ImagesPage(self)
        classes = ClassesPage(self, images)
        split = SplitPage(self, classes)
        self.pages = [images, classes, split, CheckPage(self), ProjectPage(self)]
        connections = [
            (self._timer, "timeout()", self.onPoll),
            (self.dialog, "finished(int)", self.onFinished),
            (self.ui.nextButton, "clicked()", self.onNext),
            (self.ui.backButton, "clicked()", self.onBack),
            (self.ui.cancelButton, "clicked()", self.onCancel),
            (self.ui.closeButton, "clicked()", self.close),
        ]
        for page in self.pages:
            connections += page.connections
        self._connections = Connections(connections)
        self._show(0)

    def open(self):
        """Show the dialog; everything else goes on meanwhile."""
        self.dialog.open()

    def close(self):
        """Give everything up that is not done; after the end this does nothing."""
        if self._connections:
            self.dialog.reject()

    # -- for the pages ----------------------------------------------------------------------

    def run(self, start, then):
        """Call ``start``, which begins something, and ``then`` when that has succeeded."""
        with self.complaining():
            self._then = then
            start()
            self._timer.start()
        self.refresh()

    def runInSteps(self, steps, then):
        """Call ``steps.step`` between the events of the window until it is done, then ``then``."""
        self._steps, self._then = steps, then
        self._timer.start()
        self.refresh()

    def goOn(self):
        """Show the page after the present one."""
        self._show(self.ui.pages.currentIndex + 1)

    def refresh(self):
        """Show what is so by now."""
        busy = self._busy
        self.ui.pages.enabled = not busy
        reading = _("Reading the scene.")
        self.ui.sentenceLabel.text = reading if self._steps else self.creation.sentence
        self.ui.progressFrame.visible = busy
        if busy:
            self._showProgress()
        else:
            self._page.refresh()
        self.ui.backButton.enabled = not busy and self.ui.pages.currentIndex > 0
        self.ui.nextButton.enabled = not busy and self._page.complete

    @contextlib.contextmanager
    def complaining(self):
        """Errors of the user are said in the dialog; those of the program in one of their own."""
        from SAIMCore.errors import SaimError

        self.ui.messageLabel.visible = False
        succeeded = False
        with slicer.util.tryWithErrorDisplay(_("SAIM could not do this."), waitCursor=False):
            try:
                yield
                succeeded = True
            except SaimError as error:
                self.ui.messageLabel.text = asSentence(str(error))
                self.ui.messageLabel.visible = True
            finally:
                if not succeeded:
                    self._stop()

    # -- what the user does -----------------------------------------------------------------

    def onNext(self):
        """The page is filled in."""
        with self.complaining():
            self._page.next()
        self.refresh()

    def onBack(self):
        """Something earlier is to be changed."""
        self._show(self.ui.pages.currentIndex - 1)

    def onCancel(self):
        """What is under way is not wanted."""
        self.creation.cancel()
        self._stop()
        self.refresh()

    def onFinished(self, result):
        """The dialog was closed, in whatever way."""
        self._closed = True
        self.creation.cancel()
        self._stop()
        if not self._timer.active:
            self._end()

    def onPoll(self):
        """Something is under way."""
        with self.complaining():
            if self._steps is None:
                self.creation.poll()
            elif not self._steps.step():
                self._steps = None
        if not self._busy:
            self._timer.stop()
            self._follow()
        if not self._closed:
            self.refresh()
        elif not self._busy:
            self._end()

    # -- parts ------------------------------------------------------------------------------

    @property
    def _busy(self):
        return self.creation.busy or self._steps is not None

    @property
    def _page(self):
        return self.pages[self.ui.pages.currentIndex]

    def _follow(self):
        """Do what was to follow, unless something went wrong."""
        then, self._then = self._then, None
        if then is not None and not self._closed:
            with self.complaining():
                then()

    def _stop(self):
        """Nothing follows on what is under way."""
        self._steps, self._then = None, None

    def _show(self, number):
        self.ui.messageLabel.visible = False
        self.ui.pages.setCurrentIndex(number)
        text = _("Step {number} of {count}: {title}")
        self.ui.titleLabel.text = text.format(
            number=number + 1, count=len(self.pages), title=self._page.title
        )
        last = number == len(self.pages) - 1
        self.ui.nextButton.text = _("Make project") if last else _("Next")
        # It may begin something, beside which its page is to be seen.
        self._page.refresh()
        with self.complaining():
            self._page.enter()
        self.refresh()

    def _showProgress(self):
        progress = self._steps.progress if self._steps is not None else self.creation.progress
        done, total, name = progress or (0, 0, "")
        # Without a total, the bar only says that something is going on.
        self.ui.progressBar.maximum = total
        self.ui.progressBar.value = done
        self.ui.progressBar.format = f"{done} / {total}  {name}"

    def _end(self):
        """Let go of everything; a made project is handed on."""
        if not self._connections:
            return
        self._connections.disconnectAll()
        self._executor.shutdown(wait=False)
        self.dialog.deleteLater()
        if self.creation.made is not None:
            self._onMade(self.creation.made)
