"""Figures of a campaign as a table on the screen."""

import qt
from slicer.i18n import tr as _

DIGITS = 3


class FigureTable:
    """``table`` (QTableWidget) that shows a ``campaign.tables.Table``."""

    def __init__(self, table):
        self._table = table
        self._shown = None
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().hide()

    def show(self, shown):
        """Show ``shown``, if it is not shown already."""
        from SAIMCore.campaign.tables import cell_text

        if shown == self._shown:
            return
        self._shown = shown
        self._table.setColumnCount(len(shown.headers))
        self._table.setHorizontalHeaderLabels([_(header) for header in shown.headers])
        self._table.setRowCount(len(shown.rows))
        for row, cells in enumerate(shown.rows):
            for column, cell in enumerate(cells):
                item = qt.QTableWidgetItem(cell_text(cell, DIGITS))
                self._table.setItem(row, column, item)
        self._table.resizeColumnsToContents()

    def select(self, row):
        """Choose ``row``."""
        self._table.selectRow(row)

    @property
    def selectedRow(self):
        """The row that is chosen, None when none is."""
        rows = {item.row() for item in self._table.selectedItems()}
        return min(rows) if rows else None
