"""The page on which the user says what the project is called, and where it is made."""

from pathlib import Path

import ctk
import slicer
from slicer.i18n import tr as _

PARENT_SETTING = "SAIM/ProjectsFolder"


class ProjectPage:
    """A name, and the folder in which the project gets its own."""

    def __init__(self, dialog):
        self.title = _("name and folder")
        self._dialog = dialog
        self._ui = dialog.ui
        self._ui.parentPath.filters = ctk.ctkPathLineEdit.Dirs
        self._ui.parentPath.currentPath = slicer.util.settingsValue(PARENT_SETTING, "")
        self.connections = [
            (self._ui.nameEdit, "textChanged(QString)", dialog.refresh),
            (self._ui.parentPath, "currentPathChanged(QString)", dialog.refresh),
        ]

    @property
    def complete(self):
        """Whether both are filled in."""
        return bool(self._name and self._ui.parentPath.currentPath)

    def enter(self):
        pass

    def refresh(self):
        text = _("The project will be the folder {folder}.")
        self._ui.projectHint.text = text.format(folder=self._folder) if self.complete else ""

    def next(self):
        """Make the project; the dialog closes when it is there."""
        creation, name, folder = self._dialog.creation, self._name, self._folder
        slicer.app.settings().setValue(PARENT_SETTING, self._ui.parentPath.currentPath)
        self._dialog.run(lambda: creation.create(folder, name), self._dialog.dialog.accept)

    @property
    def _name(self):
        return self._ui.nameEdit.text.strip()

    @property
    def _folder(self):
        from SAIMCore.data.file_names import fitting_name

        return Path(self._ui.parentPath.currentPath) / fitting_name(self._name)
