"""The modules ``qt`` and ``ctk``."""

from __future__ import annotations

import types
from typing import Any

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

from Testing.desktop.stand_in.application import QFileDialog, ctkMessageBox
from Testing.desktop.stand_in.ctk_widgets import ctkCollapsibleButton, ctkPathLineEdit
from Testing.desktop.stand_in.objects import class_of

__all__ = ["Toolkit", "ctk_module", "qt_module"]

CTK_WIDGETS = (ctkCollapsibleButton, ctkPathLineEdit)


class QUiLoader(QtUiTools.QUiLoader):
    """Knows the widgets of CTK, as Slicer's does through its Designer plugins."""

    def __init__(self) -> None:
        super().__init__()
        for widget in CTK_WIDGETS:
            self.registerCustomWidget(widget)


class Toolkit(types.ModuleType):
    """A module of what is found in ``sources``, and of nothing else."""

    def __init__(self, name: str, *sources: Any) -> None:
        super().__init__(name)
        self._sources = sources

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = next((getattr(s, name) for s in self._sources if hasattr(s, name)), None)
        if found is None:
            raise AttributeError(f"the stand-in for {self.__name__!r} has no {name!r}")
        is_object = isinstance(found, type) and issubclass(found, QtCore.QObject)
        return class_of(found) if is_object else found


def qt_module() -> Toolkit:
    """All of PySide6 that ``qt`` may stand for."""
    ours = types.SimpleNamespace(QUiLoader=QUiLoader, QFileDialog=QFileDialog)
    return Toolkit("qt", ours, QtCore, QtGui, QtWidgets)


def ctk_module() -> Toolkit:
    """The widgets of CTK that the extension uses."""
    known = {widget.__name__: widget for widget in (*CTK_WIDGETS, ctkMessageBox)}
    return Toolkit("ctk", types.SimpleNamespace(**known))
