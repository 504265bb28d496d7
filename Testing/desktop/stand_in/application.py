"""The running Slicer: ``slicer.app``, its main window, its settings and its dialogs."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

__all__ = ["Application", "QFileDialog", "ctkMessageBox", "running_application"]


class Application(QApplication):
    """What ``slicer.app`` can do; there is one in a process, as in Slicer."""

    startupCompleted = Signal()
    layout_manager: QObject

    def layoutManager(self) -> QObject:
        return self.layout_manager

    def settings(self) -> QSettings:
        return QSettings()

    def testingEnabled(self) -> bool:
        # As for a user, who sees dialogs; they do not stop the tests (``ctkMessageBox``).
        return False


class ctkMessageBox(QMessageBox):
    """A dialog that is answered at once: OK, or the next of ``answers``."""

    shown: list[str] = []  # noqa: RUF012 (emptied by whoever looks at it)
    answers: list[QMessageBox.StandardButton] = []  # noqa: RUF012

    def exec_(self) -> QMessageBox.StandardButton:
        self.shown.append(self.text())
        return self.answers.pop(0) if self.answers else QMessageBox.StandardButton.Ok


class QFileDialog:
    """The dialogs for files and folders, which are answered at once: nothing, or ``answers``."""

    answers: list[str] = []  # noqa: RUF012 (as those of the message boxes)

    @classmethod
    def getExistingDirectory(cls, parent: object, title: str, folder: str = "") -> str:
        return cls._answer(title, folder)

    @classmethod
    def getOpenFileName(cls, parent: object, title: str, file: str = "", kinds: str = "") -> str:
        return cls._answer(title, file, kinds)

    @classmethod
    def getSaveFileName(cls, parent: object, title: str, file: str = "", kinds: str = "") -> str:
        return cls._answer(title, file, kinds)

    @classmethod
    def _answer(cls, *texts: str) -> str:
        if not all(isinstance(text, str) for text in texts):
            raise TypeError(f"a file dialog takes texts, not {texts!r}")
        return cls.answers.pop(0) if cls.answers else ""


def running_application(settings_folder: Path) -> Application:
    """The application, with new settings in ``settings_folder``; it needs no screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication.instance() or Application(["Slicer"])
    assert isinstance(application, Application)
    application.setOrganizationName("SAIM")
    application.setApplicationName("Slicer stand-in")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(settings_folder))
    return application
