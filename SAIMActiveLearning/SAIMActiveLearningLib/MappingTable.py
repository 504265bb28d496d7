"""The table in which the user says what the classes of an igniter become."""

import qt
from slicer.i18n import tr as _


class MappingTable:
    """``table`` (QTableWidget) with a row for each class of an igniter: its name, what it becomes.

    The latter is chosen, or typed where it is several classes.
    """

    def __init__(self, table):
        self._table = table
        self._found = None
        self._boxes = []
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Class there"), _("Becomes here")])
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().hide()

    def show(self, found, names):
        """Show the classes of ``found`` (a ``FoundIgniter`` or None), if they are not shown yet.

        names: the classes here, background first.
        """
        if found is self._found:
            return
        from SAIMCore.campaign.igniter import mapping_rows

        self._found = found
        rows = [] if found is None else mapping_rows(found)
        self._table.setRowCount(len(rows))
        self._boxes = []
        for row, (name, becomes) in enumerate(rows):
            self._table.setItem(row, 0, qt.QTableWidgetItem(name))
            box = qt.QComboBox()
            box.addItems(list(names))
            box.editable = True
            box.setEditText(becomes)
            self._table.setCellWidget(row, 1, box)
            self._boxes.append((name, box))
        self._table.resizeColumnToContents(0)

    @property
    def rows(self):
        """Each class there, and as text what it becomes."""
        return [(name, box.currentText) for name, box in self._boxes]
