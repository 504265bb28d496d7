"""The page on which the user decides what the series are used for."""

from pathlib import Path

import ctk
from slicer.i18n import tr as _

from SAIMActiveLearningLib.Sentences import asSentences
from SAIMActiveLearningLib.SeriesTable import SeriesTable, statusText

NO_FILE = ""


class SplitPage:
    """A proposal, or a splits file, and changes of single series."""

    def __init__(self, dialog, classes):
        from SAIMCore.campaign.plan_changes import CHOICES

        self.title = _("what the series are used for")
        self._dialog = dialog
        self._classes = classes
        self._ui = dialog.ui
        self._choices = CHOICES
        self._planned = None
        self._table = SeriesTable(self._ui.splitTable)
        self._ui.splitsPath.filters = ctk.ctkPathLineEdit.Files
        self._ui.statusBox.addItems([statusText(choice) for choice in CHOICES])
        self._ui.statusBox.setCurrentIndex(-1)
        self.connections = [
            (self._ui.proposedButton, "clicked()", self.plan),
            (self._ui.fileButton, "clicked()", self.plan),
            (self._ui.splitsPath, "currentPathChanged(QString)", self.onFile),
            (self._ui.groupEdit, "editingFinished()", self.onFile),
            (self._ui.statusBox, "activated(int)", self.onStatus),
        ]

    @property
    def complete(self):
        """Whether there is a plan of what is chosen."""
        return self._dialog.creation.plan is not None and self._planned == self._chosen()

    def enter(self):
        """Plan with what was chosen; a plan of the same choices stays as the user made it."""
        if not self.complete:
            self.plan()

    def refresh(self):
        creation = self._dialog.creation
        self._table.show(creation.findings)
        plan = creation.plan
        notes = () if plan is None else (*plan.problems, *plan.notes)
        self._ui.planLabel.text = asSentences(notes)
        named = self._ui.fileButton.checked
        self._ui.splitsPath.enabled = named
        self._ui.groupEdit.enabled = named

    def next(self):
        self._dialog.goOn()

    def plan(self):
        """Propose a split, or read that of the file when one was chosen."""
        with self._dialog.complaining():
            chosen = self._chosen()
            if chosen[1] != NO_FILE:
                creation = self._dialog.creation
                self._dialog.run(lambda: creation.propose(*chosen), lambda: self._follow(chosen))
        self._dialog.refresh()

    def onFile(self):
        """Another file or group, typed perhaps letter by letter."""
        path = self._ui.splitsPath.currentPath
        if self._ui.fileButton.checked and Path(path).is_file() and not self.complete:
            self.plan()

    def onStatus(self, position):
        """The series that are chosen in the table get another status."""
        with self._dialog.complaining():
            choice = self._choices[position]
            self._dialog.creation.assign(dict.fromkeys(self._table.selected, choice))
        self._ui.statusBox.setCurrentIndex(-1)
        self._dialog.refresh()

    def _follow(self, chosen):
        self._planned = chosen

    def _chosen(self):
        """Classes, and the splits file with its group; None where a split is to be proposed."""
        classes = self._classes.classes
        path, group = self._ui.splitsPath.currentPath, self._ui.groupEdit.text.strip()
        if not self._ui.fileButton.checked:
            return classes, None
        return classes, f"{path}:{group}" if path and group else path
