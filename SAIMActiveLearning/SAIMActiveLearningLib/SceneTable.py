"""The table of the volumes in the scene, with the segmentations that hold their labels."""

import qt
import slicer
from slicer.i18n import tr as _


class SceneTable:
    """``table`` (QTableWidget) with a row for each volume: tick, name, choice of segmentation."""

    def __init__(self, table):
        self._table = table
        self._rows = []
        self._segmentations = []
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Volume"), _("Labels are in")])
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().hide()

    def fill(self):
        """Show the volumes that are in the scene now; what was ticked stays so."""
        from SAIMCore.mrml.scene_collection import segmentation_of, segmentations_in
        from SAIMCore.mrml.scene_import import volumes_in

        unticked = {
            volume.GetID() for row, (volume, _box) in enumerate(self._rows) if not self._ticked(row)
        }
        self._segmentations = segmentations_in(slicer.mrmlScene)
        volumes = volumes_in(slicer.mrmlScene)
        self._rows = []
        self._table.setRowCount(len(volumes))
        for row, volume in enumerate(volumes):
            item = qt.QTableWidgetItem(volume.GetName())
            item.setFlags(qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable | qt.Qt.ItemIsUserCheckable)
            ticked = volume.GetID() not in unticked
            item.setCheckState(qt.Qt.Checked if ticked else qt.Qt.Unchecked)
            self._table.setItem(row, 0, item)
            box = self._box(segmentation_of(volume, slicer.mrmlScene))
            self._table.setCellWidget(row, 1, box)
            self._rows.append((volume, box))
        self._table.resizeColumnToContents(0)

    @property
    def chosen(self):
        """The ticked volumes with their segmentations."""
        from SAIMCore.mrml.scene_collection import ChosenVolume

        segmentations = [None, *self._segmentations]
        return [
            ChosenVolume(volume, segmentations[box.currentIndex])
            for row, (volume, box) in enumerate(self._rows)
            if self._ticked(row)
        ]

    def _ticked(self, row):
        return self._table.item(row, 0).checkState() == qt.Qt.Checked

    def _box(self, segmentation):
        box = qt.QComboBox()
        box.addItems([_("no labels"), *(node.GetName() for node in self._segmentations)])
        if segmentation is not None:
            box.setCurrentIndex(1 + self._segmentations.index(segmentation))
        return box
