"""What a user does to a single series of the queue, and why."""

from collections import namedtuple

import qt
from SAIMSegmentEditorLib.Connections import Connections
from slicer.i18n import tr as _

# What is done as soon as the reason for it is given.
Question = namedtuple("Question", "answer required")

# What an annotated series can be used for, and the status that says so.
USES = (
    (_("Use for training"), "annotated"),
    (_("Use for validation"), "validation"),
    (_("Use for testing"), "test"),
)


class SeriesCommands:
    """Buttons and a context menu for the selected row of ``table``; asks for reasons in place.

    ``ui`` has the widgets of ``QueueSection.ui``.
    """

    def __init__(self, ui, table, panel):
        self._ui = ui
        self._table = table
        self._panel = panel
        self._campaign = None
        self._question = None
        ui.table.setContextMenuPolicy(qt.Qt.ActionsContextMenu)
        self._open = self._action(ui.openButton)
        self._pin = self._action(ui.pinButton)
        self._skip = self._action(ui.skipButton)
        self._exclude = self._action(ui.excludeButton)
        self._uses = [(self._menuAction(text), status) for text, status in USES]
        self._connections = Connections(
            [
                (self._open, "triggered()", self.onOpen),
                (self._pin, "triggered()", self.onPin),
                (self._skip, "triggered()", self.onSkip),
                (self._exclude, "triggered()", self.onExclude),
                *((action, "triggered()", self._using(status)) for action, status in self._uses),
                (ui.table, "doubleClicked(QModelIndex)", self.onDoubleClick),
                (ui.reasonEdit, "textChanged(QString)", self.onReasonTyped),
                (ui.reasonEdit, "returnPressed()", self.onReasonGiven),
                (ui.reasonOkButton, "clicked()", self.onReasonGiven),
                (ui.reasonCancelButton, "clicked()", self.forget),
            ]
        )
        self.forget()

    def disconnectAll(self):
        """Let go of the slots, and of the campaign."""
        self._connections.disconnectAll()
        self._campaign = None
        self.forget()

    def show(self, campaign):
        """Offer what can be done with the selected series of ``campaign`` (None: nothing)."""
        self._campaign = campaign
        row = self._table.row()
        possible = row is not None and not campaign.read_only_because
        inPool = possible and row.in_pool
        excluded = row is not None and row.status == "excluded"
        back = _("Give it its own place in the queue again")
        _offer(
            self._open,
            _("Open"),
            _("Annotate this series, or correct its annotation"),
            possible and not excluded,
        )
        if inPool and row.pinned:
            _offer(self._pin, _("Unpin"), back, True)
        else:
            _offer(self._pin, _("Pin..."), _("Put it at the head of the queue"), inPool)
        if inPool and row.skipped:
            _offer(self._skip, _("Unskip"), back, True)
        else:
            _offer(self._skip, _("Skip..."), _("Put it at the end of the queue"), inPool)
        if excluded:
            _offer(self._exclude, _("Include"), _("Take it back"), possible)
        else:
            _offer(self._exclude, _("Exclude..."), _("Leave it out of everything"), possible)

        # Only what was annotated can be trained on or measured with.
        labeled = possible and row.status in {status for _text, status in USES}
        for action, status in self._uses:
            action.enabled = labeled and row.status != status

    def forget(self):
        """Ask for no reason any more."""
        self._question = None
        self._ui.reasonFrame.visible = False

    # -- events -----------------------------------------------------------------------------

    def onOpen(self):
        self._panel.act(self._campaign.open, self._table.row().name)

    def onDoubleClick(self):
        if self._open.enabled:
            self.onOpen()

    def onPin(self):
        row = self._table.row()
        if row.pinned:
            self._panel.act(self._campaign.pin, row.name, False)
            return
        question = _("Why does {name} come first? (It may be left empty.)")
        self._ask(question, row.name, lambda reason: self._campaign.pin(row.name, True, reason))

    def onSkip(self):
        row = self._table.row()
        if row.skipped:
            self._panel.act(self._campaign.skip, row.name, False)
            return
        question = _("Why does {name} come last? (It may be left empty.)")
        self._ask(question, row.name, lambda reason: self._campaign.skip(row.name, True, reason))

    def onExclude(self):
        row = self._table.row()
        if row.status == "excluded":
            self._panel.act(self._campaign.include, row.name)
            return
        question, exclude = _("Why is {name} excluded?"), self._campaign.exclude
        self._ask(question, row.name, lambda reason: exclude(row.name, reason), required=True)

    def onReasonTyped(self):
        required = self._question is not None and self._question.required
        self._ui.reasonOkButton.enabled = bool(self._reason()) or not required

    def onReasonGiven(self):
        if self._question is not None and self._ui.reasonOkButton.enabled:
            question, reason = self._question, self._reason()
            self.forget()
            self._panel.act(question.answer, reason or None)

    # -- parts ------------------------------------------------------------------------------

    def _using(self, status):
        return lambda: self._panel.act(self._campaign.use_as, self._table.row().name, status)

    def _action(self, button):
        """A command for ``button`` and for the table's context menu."""
        action = self._menuAction("")
        button.setDefaultAction(action)
        return action

    def _menuAction(self, text):
        """A command for the table's context menu."""
        action = qt.QAction(text, self._ui.table)
        self._ui.table.addAction(action)
        return action

    def _ask(self, question, name, answer, required=False):
        """Ask for a reason, and then do what ``answer`` does with it."""
        self._question = Question(answer, required)
        self._ui.reasonLabel.text = question.format(name=name)
        self._ui.reasonEdit.text = ""
        self.onReasonTyped()
        self._ui.reasonFrame.visible = True
        self._ui.reasonEdit.setFocus()

    def _reason(self):
        return self._ui.reasonEdit.text.strip()


def _offer(action, text, toolTip, possible):
    action.text = text
    action.toolTip = toolTip
    action.enabled = possible
