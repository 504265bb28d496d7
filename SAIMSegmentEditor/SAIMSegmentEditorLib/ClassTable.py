"""The table in which the user says which segment is which class, and which ones are locked."""

import qt
from slicer.i18n import tr as _

from SAIMSegmentEditorLib.Connections import Connections


class ClassTable:
    """``table`` (QTableWidget) with a row for each class: name, choice of segments, lock."""

    def __init__(self, table):
        self._table = table
        self._segments = None
        self._listed = []
        self._rows = []
        self._connections = Connections()
        table.setColumnCount(3)
        table.setHorizontalHeaderLabels([_("Class"), _("Segment"), _("Locked")])
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()

    def show(self, segments):
        """Show which of its segments ``segments`` (ClassSegments) has for which class."""
        listed = self._list(segments)
        if segments is not self._segments or listed != self._listed:
            self._segments, self._listed = segments, listed
            self._fill()
        self._update()

    def disconnectAll(self):
        """Let go of the slots."""
        self._connections.disconnectAll()
        self._rows = []

    def _list(self, segments):
        segmentation = segments.node.GetSegmentation()
        ids = segmentation.GetSegmentIDs()
        return [(segmentId, segmentation.GetSegment(segmentId).GetName()) for segmentId in ids]

    def _fill(self):
        self.disconnectAll()
        classes = self._segments.classes
        self._table.setRowCount(len(classes) - 1)
        for row, index in enumerate(classes.foreground):
            item = qt.QTableWidgetItem(classes[index].name)
            item.setFlags(qt.Qt.ItemIsEnabled)
            self._table.setItem(row, 0, item)
            choice = qt.QComboBox()
            choice.addItems([name for _id, name in self._listed])
            self._connections.add(choice, "activated(int)", self._assignment(index))
            self._table.setCellWidget(row, 1, choice)
            lock = qt.QCheckBox()
            lock.toolTip = _("No voxel of a locked segment is changed by SAIM")
            self._connections.add(lock, "clicked()", self._locking(index, lock))
            self._table.setCellWidget(row, 2, lock)
            self._rows.append((index, choice, lock))

    def _update(self):
        ids = [segmentId for segmentId, _name in self._listed]
        assigned = self._segments.ids
        for index, choice, lock in self._rows:
            found = assigned.get(index)
            choice.setCurrentIndex(ids.index(found) if found in ids else -1)
            lock.enabled = found is not None
            lock.checked = found is not None and self._segments.locked(found)

    def _assignment(self, classIndex):
        def assign(position):
            self._segments.assign(self._listed[position][0], classIndex)
            # Another class may have lost its segment.
            self._update()

        return assign

    def _locking(self, classIndex, box):
        def lock():
            self._segments.set_locked(self._segments.ids[classIndex], box.checked)

        return lock
