"""The rows of the queue for a table that asks for those on the screen alone."""

from collections import namedtuple

import qt
from slicer.i18n import tr as _

# ``field``: what of a row the column is sorted by, None: its place in the queue. ``text`` makes a
# text of a row, None for the thumbnail. ``width`` in pixels.
Column = namedtuple("Column", "title field text width number")

# Of pictures that are kept in memory, so that scrolling through a large pool does not fill it.
MOST_PICTURES = 500


def _text(template, value):
    return "" if value is None else template.format(value)


def _status(row):
    # What is cut off in a narrow column is the usual.
    if row.pinned:
        return _("pinned, {status}").format(status=row.status)
    if row.skipped:
        return _("skipped, {status}").format(status=row.status)
    return row.status


def _model(row):
    if row.model_version is None:
        return ""
    return _("{model} (old)").format(model=row.model_version) if row.stale else row.model_version


def _minutes(value):
    if value is None or 0 < value < 1:
        return "" if value is None else _("< 1 min")
    return _("{minutes} min").format(minutes=round(value)) if value else ""


COLUMNS = (
    Column("", None, None, 38, False),
    Column(_("Name"), "name", lambda row: row.name, 96, False),
    Column(_("Status"), "status", _status, 128, False),
    Column(_("Score"), "score", lambda row: _text("{:.3f}", row.score), 50, True),
    Column(_("Rank"), "rank", lambda row: _text("{}", row.rank), 44, True),
    Column(_("Model"), "model_version", _model, 112, False),
    Column(
        _("Predicted"), "predicted_minutes", lambda row: _minutes(row.predicted_minutes), 72, True
    ),
    Column(_("Annotated by"), "annotator", lambda row: _text("{}", row.annotator), 96, False),
    Column(_("Time spent"), "minutes_spent", lambda row: _minutes(row.minutes_spent), 80, True),
    Column(_("Clicks"), "clicks", lambda row: str(row.clicks or ""), 52, True),
    Column(_("Reason"), "reason", lambda row: row.reason, 240, False),
)


class QueueTableModel(qt.QAbstractTableModel):
    """What ``campaign.queue.view`` shows; ``thumbnailWanted`` is called when one is missing."""

    def __init__(self, thumbnailWanted):
        qt.QAbstractTableModel.__init__(self)
        self._campaign = None
        self._thumbnailWanted = thumbnailWanted
        self._pictures = {}

    def show(self, campaign):
        """Show the queue of ``campaign``, or nothing where that is None; all of it is new."""
        if campaign is not self._campaign:
            self._pictures = {}
        self.beginResetModel()
        self._campaign = campaign
        self.endResetModel()

    def row(self, place):
        """The row at ``place``, None where there is none."""
        if self._campaign is None or not 0 <= place < len(self._campaign.queue.view):
            return None
        return self._campaign.queue.view.row(place)

    # -- QAbstractTableModel ----------------------------------------------------------------

    def rowCount(self, parent):
        if self._campaign is None or parent.isValid():
            return 0
        return len(self._campaign.queue.view)

    def columnCount(self, parent):
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section, orientation, role):
        if orientation == qt.Qt.Horizontal and role == qt.Qt.DisplayRole:
            return COLUMNS[section].title
        return None

    def data(self, index, role):
        column, row = COLUMNS[index.column()], self.row(index.row())
        if row is None:
            return None
        if role == qt.Qt.DisplayRole:
            return self._shown(column, row)
        if role == qt.Qt.DecorationRole and column.text is None:
            return self._picture(row.name)
        if role == qt.Qt.ToolTipRole:
            return self._toolTip(column, row)
        if role == qt.Qt.TextAlignmentRole and column.number:
            return qt.Qt.AlignRight | qt.Qt.AlignVCenter
        if role == qt.Qt.ForegroundRole and (row.stale or row.within_budget is False):
            return qt.QBrush(qt.QColor("gray"))
        return None

    def _shown(self, column, row):
        if column.text is None:
            return None
        if column.field == "reason" and row.reason is None:
            # Why it has no score.
            return dict(self._campaign.ranking.state.unreadable).get(row.name)
        return column.text(row)

    def _picture(self, name):
        if name not in self._pictures:
            path = self._campaign.thumbnails.path(name)
            if path is None:
                self._thumbnailWanted()
                return None
            if len(self._pictures) >= MOST_PICTURES:
                self._pictures = {}
            # An icon, which is scaled to the row; a pixmap would be cut off.
            self._pictures[name] = qt.QIcon(path.as_posix())
        return self._pictures[name]

    def _toolTip(self, column, row):
        if row.within_budget is False:
            return _("The time of the session does not suffice for this series.")
        if row.stale and column.field in {"score", "model_version"}:
            return _("An earlier model gave this score; Rank asks the current one.")
        if column.field == "name":
            text = _("{name}: {slices} slices, patient {patient}")
            return text.format(
                name=row.name, slices=row.slices, patient=row.patient or _("not known")
            )
        return self._shown(column, row)
