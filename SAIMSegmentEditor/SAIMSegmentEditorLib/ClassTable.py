"""The table in which the user says which segment is which class."""

import qt
from slicer.i18n import tr as _


class ClassTable:
    """``table`` (QTableWidget) with a row for each class: its name, and a choice of segments."""

    def __init__(self, table):
        self._table = table
        self._segments = None
        self._listed = []
        self._connections = []
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Class"), _("Segment")])
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()

    def show(self, segments):
        """Show which of its segments ``segments`` (ClassSegments) has for which class."""
        listed = self._list(segments)
        if segments is not self._segments or listed != self._listed:
            self._segments, self._listed = segments, listed
            self._fill()
        self._choose()

    def disconnectAll(self):
        """Let go of the slots."""
        for box, slot in self._connections:
            box.disconnect("activated(int)", slot)
        self._connections = []

    def _list(self, segments):
        segmentation = segments.node.GetSegmentation()
        return [
            (name, segmentation.GetSegment(name).GetName()) for name in segmentation.GetSegmentIDs()
        ]

    def _fill(self):
        self.disconnectAll()
        classes = self._segments.classes
        self._table.setRowCount(len(classes) - 1)
        for row, index in enumerate(classes.foreground):
            item = qt.QTableWidgetItem(classes[index].name)
            item.setFlags(qt.Qt.ItemIsEnabled)
            self._table.setItem(row, 0, item)
            box = qt.QComboBox()
            box.addItems([name for _id, name in self._listed])
            slot = self._slot(index)
            box.connect("activated(int)", slot)
            self._table.setCellWidget(row, 1, box)
            self._connections.append((box, slot))

    def _choose(self):
        ids = [segmentId for segmentId, _name in self._listed]
        assigned = self._segments.ids
        foreground = self._segments.classes.foreground
        for (box, _slot), index in zip(self._connections, foreground, strict=True):
            found = assigned.get(index)
            box.setCurrentIndex(ids.index(found) if found in ids else -1)

    def _slot(self, classIndex):
        def assign(position):
            self._segments.assign(self._listed[position][0], classIndex)
            # Another class may have lost its segment.
            self._choose()

        return assign
