"""A table of the series of a new project: what they are used for, or what is wrong with them."""

import qt
from slicer.i18n import tr as _


def statusText(status):
    """What a user reads for a status of a series."""
    return {
        "annotated": _("annotated (training)"),
        "unannotated": _("unannotated (pool)"),
        "validation": _("validation"),
        "test": _("test"),
        "excluded": _("excluded"),
    }[status]


class SeriesTable:
    """``table`` (QTableWidget) with a row for each finding of a ``ProjectCreation``.

    problems: its last column says what is wrong with the series, and those come first; else it
    says what they are used for.
    """

    def __init__(self, table, problems=False):
        self._table = table
        self._problems = problems
        self._shown = []
        last = _("Problem") if problems else _("Used as")
        table.setColumnCount(4)
        table.setHorizontalHeaderLabels([_("Series"), _("Patient"), _("Labels"), last])
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().hide()

    def show(self, findings):
        """Show ``findings``, if they are not shown already."""
        if self._problems:
            findings = sorted(findings, key=lambda finding: not finding.problem)
        if findings == self._shown:
            return
        before, self._shown = self._shown, findings
        self._table.setRowCount(len(findings))
        for row, finding in enumerate(findings):
            # There may be thousands, of which one gets another status.
            if row >= len(before) or finding != before[row]:
                self._fill(row, self._texts(finding))
        # The last column takes what is left.
        for column in range(3):
            self._table.resizeColumnToContents(column)

    @property
    def selected(self):
        """The names of the chosen series."""
        rows = sorted({item.row() for item in self._table.selectedItems()})
        return [self._shown[row].series.name for row in rows]

    def _fill(self, row, texts):
        for column, text in enumerate(texts):
            item = qt.QTableWidgetItem(text)
            # What is wrong may be longer than the column is wide.
            item.setToolTip(text)
            self._table.setItem(row, column, item)

    def _texts(self, finding):
        series = finding.series
        labels = _("yes") if series.labels else _("no")
        return series.name, series.source.patient or "", labels, self._last(finding)

    def _last(self, finding):
        if not self._problems:
            return statusText(finding.series.status)
        if finding.problem is None:
            return _("not read yet")
        return finding.problem or _("none")
