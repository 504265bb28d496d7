"""The table of the series in Slicer's DICOM database."""

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _


class DicomTable:
    """``table`` (QTableWidget) with a row for each series: tick, patient, description, modality."""

    def __init__(self, table, filterEdit):
        self._table = table
        self._filterEdit = filterEdit
        self._uids = []
        table.setColumnCount(4)
        table.setHorizontalHeaderLabels([_("Patient"), _("Series"), _("Modality"), _("Study date")])
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().hide()

    def fill(self):
        """Show what the database has; read once, since it may be large."""
        from SAIMCore.errors import ProjectError

        if self._uids:
            return
        # The module DICOM sets it when it is ready.
        database = getattr(slicer, "dicomDatabase", None)
        if database is None or not database.isOpen:
            raise ProjectError(_("Slicer has no DICOM database; open the module DICOM to make one"))
        series = [
            (database.nameForPatient(patient), uid, database.fieldForStudy("StudyDate", study))
            for patient in database.patients()
            for study in database.studiesForPatient(patient)
            for uid in database.seriesForStudy(study)
        ]
        self._uids = [uid for _patient, uid, _date in series]
        self._table.setRowCount(len(series))
        for row, (patient, uid, date) in enumerate(series):
            item = qt.QTableWidgetItem(patient)
            item.setFlags(qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable | qt.Qt.ItemIsUserCheckable)
            item.setCheckState(qt.Qt.Unchecked)
            self._table.setItem(row, 0, item)
            modality = database.fieldForSeries("Modality", uid)
            for column, text in enumerate((database.descriptionForSeries(uid), modality, date), 1):
                self._table.setItem(row, column, qt.QTableWidgetItem(text))
        # The last column takes what is left.
        for column in range(3):
            self._table.resizeColumnToContents(column)

    @property
    def chosen(self):
        """The files of each ticked series, by its UID."""
        return {
            uid: [Path(name) for name in slicer.dicomDatabase.filesForSeries(uid)]
            for row, uid in enumerate(self._uids)
            if self._item(row).checkState() == qt.Qt.Checked
        }

    def filter(self):
        """Show only the series with the letters that were typed."""
        letters = self._filterEdit.text.casefold()
        for row in range(len(self._uids)):
            texts = [self._table.item(row, column).text().casefold() for column in range(3)]
            self._table.setRowHidden(row, not any(letters in text for text in texts))

    def tickAll(self):
        """Tick all series that are shown; none of them, when they are ticked already."""
        shown = [self._item(r) for r in range(len(self._uids)) if not self._table.isRowHidden(r)]
        all_ticked = all(item.checkState() == qt.Qt.Checked for item in shown)
        for item in shown:
            item.setCheckState(qt.Qt.Unchecked if all_ticked else qt.Qt.Checked)

    def _item(self, row):
        return self._table.item(row, 0)
