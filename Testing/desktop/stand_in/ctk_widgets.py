"""The widgets of CTK that the .ui files name, with their properties and signals."""

from __future__ import annotations

from PySide6.QtCore import Property, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

__all__ = ["ctkCollapsibleButton", "ctkPathLineEdit"]

# Pixels.
TITLE_HEIGHT = 24
ANY_HEIGHT = (1 << 24) - 1


class ctkPathLineEdit(QWidget):
    """A path that is typed or browsed for; every key stroke is a change.

    As in CTK, the line is that of an editable combo box, whose list is the history.
    """

    currentPathChanged = Signal(str)

    Dirs, Files, Drives, NoSymLinks = 1, 2, 4, 8
    Readable, Writable, Executable = 16, 32, 64

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filters = self.Dirs | self.Files | self.Drives
        self._box = QComboBox()
        self._box.setEditable(True)
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        QVBoxLayout(self).addWidget(self._box)
        self._box.lineEdit().textChanged.connect(self.currentPathChanged)

    def _path(self) -> str:
        return self._box.lineEdit().text()

    def setCurrentPath(self, path: str) -> None:
        self._box.lineEdit().setText(path)

    def _flags(self) -> int:
        return self._filters

    def setFilters(self, filters: int) -> None:
        self._filters = filters

    currentPath = Property(str, _path, setCurrentPath)
    filters = Property(int, _flags, setFilters)


class ctkCollapsibleButton(QWidget):
    """A titled box that is opened with a click on its title, above what is in its layout."""

    contentsCollapsed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._collapsed = False
        self.setContentsMargins(0, TITLE_HEIGHT, 0, 0)

    def _title(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        self.update()

    def _is_collapsed(self) -> bool:
        return self._collapsed

    def setCollapsed(self, collapsed: bool) -> None:
        if collapsed != self._collapsed:
            self._collapsed = collapsed
            self.setMaximumHeight(TITLE_HEIGHT if collapsed else ANY_HEIGHT)
            self.contentsCollapsed.emit(collapsed)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        title = QRect(0, 0, self.width(), TITLE_HEIGHT - 2)
        painter.fillRect(title, self.palette().button())
        mark = "\u25b8" if self._collapsed else "\u25be"
        place = title.adjusted(6, 0, 0, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"{mark} {self._text}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.position().y() < TITLE_HEIGHT:
            self.setCollapsed(not self._collapsed)

    text = Property(str, _title, setText)
    collapsed = Property(bool, _is_collapsed, setCollapsed)
