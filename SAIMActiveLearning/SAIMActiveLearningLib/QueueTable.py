"""The table of the queue: what is on the screen, how it is sorted, which series is selected."""

import qt
from SAIMSegmentEditorLib.Connections import Connections

from SAIMActiveLearningLib.QueueTableModel import COLUMNS, QueueTableModel

# Pixels.
ROW_HEIGHT = 36
PICTURE_SIZE = 32
# After the last row was drawn, thumbnails of all that are on the screen are asked for at once.
WANT_MS = 30


class QueueTable:
    """``view`` (QTableView) of the queue of a campaign.

    ``onSelected`` is called when another series is selected, or none any more, ``onWanted`` when
    thumbnails were asked for.
    """

    def __init__(self, view, onSelected, onWanted):
        self._view = view
        self._onSelected = onSelected
        self._onWanted = onWanted
        self._campaign = None
        # By name, since places change.
        self._selected = None
        self._sorted = (None, False)
        self._timer = qt.QTimer()
        self._timer.setInterval(WANT_MS)
        self._timer.setSingleShot(True)
        self.model = QueueTableModel(self._timer.start)
        view.setModel(self.model)
        view.setIconSize(qt.QSize(PICTURE_SIZE, PICTURE_SIZE))
        view.verticalHeader().hide()
        # All of one height, so that no row is asked how high it is.
        view.verticalHeader().setSectionResizeMode(qt.QHeaderView.Fixed)
        view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = view.horizontalHeader()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        for section, column in enumerate(COLUMNS):
            header.resizeSection(section, column.width)
        self._connections = Connections(
            [
                (self._timer, "timeout()", self.onDrawn),
                (header, "sectionClicked(int)", self.onHeader),
                (
                    view.selectionModel(),
                    "currentRowChanged(QModelIndex,QModelIndex)",
                    self.onRowChanged,
                ),
            ]
        )

    def disconnectAll(self):
        """Let go of the slots, and of the campaign."""
        self._timer.stop()
        self._connections.disconnectAll()
        self._campaign = None
        self.model.show(None)

    def show(self, campaign):
        """Show the queue of ``campaign``, or nothing where that is None."""
        self._campaign = campaign
        self._sort()

    def update(self, names=None):
        """These series look different now; None: perhaps all, and there may be others."""
        if names is not None:
            self._view.viewport().update()
            return
        self.model.show(self._campaign)
        place = None
        if self._campaign is not None and self._selected is not None:
            place = self._campaign.queue.view.place_of(self._selected)
        if place is not None:
            self._view.selectRow(place)
        elif self._selected is not None:
            self._selected = None
            self._onSelected()

    def row(self):
        """The row that is selected, None without one."""
        if self._campaign is None or self._selected is None:
            return None
        return self._campaign.queue.row(self._selected)

    # -- events -----------------------------------------------------------------------------

    def onHeader(self, section):
        """A click sorts by the column, the next one the other way, a third as the queue is."""
        field = COLUMNS[section].field
        before, descending = self._sorted
        if field is None or (before == field and descending):
            self._sorted = (None, False)
        else:
            self._sorted = (field, before == field)
        self._sort()

    def onRowChanged(self):
        index = self._view.currentIndex()
        row = self.model.row(index.row()) if index.isValid() else None
        name = None if row is None else row.name
        if name != self._selected:
            self._selected = name
            self._onSelected()

    def onDrawn(self):
        """Ask for the thumbnails of the rows that are on the screen."""
        if self._campaign is None:
            return
        rows = self._campaign.queue.view
        first = self._view.rowAt(0)
        last = self._view.rowAt(self._view.viewport().height - 1)
        if first >= 0:
            places = range(first, (len(rows) - 1 if last < 0 else last) + 1)
            self._campaign.thumbnails.want([rows.row(place).name for place in places])
            self._onWanted()

    def _sort(self):
        field, descending = self._sorted
        header = self._view.horizontalHeader()
        header.setSortIndicatorShown(field is not None)
        if field is not None:
            section = [column.field for column in COLUMNS].index(field)
            order = qt.Qt.DescendingOrder if descending else qt.Qt.AscendingOrder
            header.setSortIndicator(section, order)
        if self._campaign is not None:
            self._campaign.queue.view.sort(field, descending)
        self.update()
