"""The page that says what is wrong with the series, before anything is made."""

from slicer.i18n import tr as _

from SAIMActiveLearningLib.Sentences import asSentences
from SAIMActiveLearningLib.SeriesTable import SeriesTable


class CheckPage:
    """All series are read when it is first shown."""

    def __init__(self, dialog):
        self.title = _("whether everything can be used")
        self._dialog = dialog
        self._ui = dialog.ui
        self._table = SeriesTable(self._ui.checkTable, problems=True)
        self.connections = [
            (self._ui.leaveOutButton, "clicked()", self.onLeaveOut),
            (self._ui.checkAgainButton, "clicked()", self.onCheck),
        ]

    @property
    def complete(self):
        """Whether nothing is in the way of the project."""
        return self._dialog.creation.ready

    def enter(self):
        if not self._dialog.creation.examined:
            self.onCheck()

    def refresh(self):
        creation = self._dialog.creation
        findings = creation.findings
        self._table.show(findings)
        self._ui.checkPlanLabel.text = asSentences(creation.problems)
        self._ui.leaveOutButton.enabled = any(finding.problem for finding in findings)

    def next(self):
        self._dialog.goOn()

    def onCheck(self):
        """Read all series."""
        self._dialog.run(self._dialog.creation.examine, self._dialog.refresh)

    def onLeaveOut(self):
        """Make the project without those that cannot be used."""
        with self._dialog.complaining():
            self._dialog.creation.leave_out_unusable()
        self._dialog.refresh()
