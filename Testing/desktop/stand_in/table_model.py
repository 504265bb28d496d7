"""What PythonQt makes of a table model that Python derives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

__all__ = ["TableModelShell"]

NOWHERE = QModelIndex()


class TableModelShell(QAbstractTableModel):
    """Asks Python, with ``call``, whatever a view asks."""

    call: Callable[..., Any]

    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:
        return self.call("rowCount", parent) or 0

    def columnCount(self, parent: QModelIndex = NOWHERE) -> int:
        return self.call("columnCount", parent) or 0

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.call("data", index, int(role))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return self.call("headerData", section, orientation, int(role))
