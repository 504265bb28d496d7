"""Next, Accept series and Save for later: what is annotated now, and how far it is."""

from pathlib import Path

import qt
import slicer
from SAIMSegmentEditorLib.Connections import Connections
from slicer.i18n import tr as _

from SAIMActiveLearningLib.AnnotationToolBar import AnnotationToolBar
from SAIMActiveLearningLib.Sentences import asSentence

UI_FILE = Path(__file__).resolve().parents[1] / "Resources" / "UI" / "AnnotationSection.ui"
# What is done in the editor is not told here: so often it is looked at.
LOOK_MS = 2000


class AnnotationSection:
    """Widgets in, calls of the campaign out; ``panel`` runs them (``CampaignPanel.act``).

    The commands are in a tool bar, too, while a series is open in the Segment Editor.
    """

    def __init__(self, panel):
        self.widget = slicer.util.loadUI(UI_FILE.as_posix())
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._panel = panel
        self._campaign = None
        self._next = self._action(
            self.ui.nextButton, _("Next"), _("Open the next series of the queue")
        )
        self._accept = self._action(
            self.ui.acceptButton,
            _("Accept series"),
            _("File what is segmented as the annotation of this series, and open the next one"),
        )
        self._later = self._action(
            self.ui.laterButton,
            _("Save for later"),
            _("Close this series; what was done is kept, and it stays in the queue"),
        )
        self._toolBar = AnnotationToolBar((self._next, self._accept, self._later))
        self._timer = qt.QTimer()
        self._timer.setInterval(LOOK_MS)
        self._connections = Connections(
            [
                (self._next, "triggered()", self.onNext),
                (self._accept, "triggered()", self.onAccept),
                (self._later, "triggered()", self.onLater),
                (self._timer, "timeout()", self.onLook),
            ]
        )

    def disconnectAll(self):
        """Let go of the panel, which Qt's connections would keep alive."""
        self._timer.stop()
        self._connections.disconnectAll()
        self._campaign = None
        self._toolBar.remove()

    # -- what the user sees -----------------------------------------------------------------

    def show(self, campaign):
        """Show what of ``campaign`` is open (None: no campaign)."""
        self._campaign = campaign
        annotating = None if campaign is None else campaign.annotating
        current = None if annotating is None else annotating.current
        awaited = None if annotating is None else annotating.awaited
        writable = campaign is not None and not campaign.read_only_because
        self._next.enabled = writable and awaited is None
        self._accept.enabled = writable and current is not None
        self._later.enabled = writable and (current is not None or awaited is not None)
        self.ui.statusLabel.text = "" if annotating is None else annotating.status
        self.ui.openFrame.visible = current is not None
        if current is None:
            self._timer.stop()
        else:
            self._timer.start()
            self._showWork()
        busy = current is not None or awaited is not None
        # What went wrong must be seen there, too.
        status = annotating.status if busy else ""
        self._toolBar.show(asSentence(self._panel.complaint) or status)

    def _showWork(self):
        """Time and accepted slices of the open series."""
        place = self._panel.place
        seconds, accepted = place.seconds_active, place.accepted_slices()
        if seconds is None:
            self.ui.timeLabel.text = _("not known yet")
        else:
            minutes, seconds = divmod(int(seconds), 60)
            self.ui.timeLabel.text = f"{minutes}:{seconds:02d}"
        self.ui.acceptedBar.visible = accepted is not None
        if accepted is not None:
            done, count = accepted
            self.ui.acceptedBar.maximum = count
            self.ui.acceptedBar.value = done
            text = _("{done} of {count} slices accepted")
            self.ui.acceptedBar.format = text.format(done=done, count=count)

    # -- what the user does -----------------------------------------------------------------

    def onNext(self):
        self._panel.act(self._campaign.next)

    def onAccept(self):
        self._panel.act(self._campaign.accept_series)
        self._returnWhenDone()

    def onLater(self):
        self._panel.act(self._campaign.save_for_later)
        self._returnWhenDone()

    def onLook(self):
        self._panel.attempt(self.show, self._campaign)

    def _returnWhenDone(self):
        """Back to the panel, where nothing is left in the editor."""
        annotating = self._campaign.annotating
        if annotating.current is None and annotating.awaited is None:
            self._toolBar.showPanel()

    def _action(self, button, text, toolTip):
        action = qt.QAction(text, self.widget)
        action.toolTip = toolTip
        button.setDefaultAction(action)
        return action
