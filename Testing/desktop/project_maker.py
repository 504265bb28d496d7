"""A user at the dialog that makes a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from Testing.desktop.clinic import PANEL_MODULE, Clinic
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.stand_in.scripted_module import load_module
from Testing.desktop.workplace import MODULE

__all__ = [
    "CHECK",
    "CLASSES",
    "DATASET",
    "DICOM",
    "IMAGES",
    "PHANTOM",
    "PROJECT",
    "SCENE",
    "SPLIT",
    "ProjectMaker",
]

IMAGES, CLASSES, SPLIT, CHECK, PROJECT = range(5)
FOLDER, DATASET, SCENE, DICOM = range(4)
# The classes of the phantoms.
PHANTOM = "background,organ,lesion<organ,node,gland"


class ProjectMaker:
    """The dialog is open at its first page; ``made`` are the projects that it handed over.

    clinic: whose panel opens the dialog, and the project; without one it stands alone.
    """

    def __init__(self, host: SlicerStandIn, clinic: Clinic | None = None) -> None:
        self.host = host
        self.made: list[Path] = []
        if clinic is not None:
            clinic.press(clinic.panel.ui.newButton)
            self.maker = clinic.panel._dialog
            return
        # As Slicer does, since the panel's module depends on it.
        load_module(MODULE)
        load_module(PANEL_MODULE)
        from SAIMActiveLearningLib.NewProjectDialog import NewProjectDialog

        self.maker = NewProjectDialog(host.window, self.made.append)
        self.maker.open()

    @property
    def ui(self) -> Any:
        return self.maker.ui

    @property
    def page(self) -> int:
        return int(self.ui.pages.currentIndex)

    @property
    def message(self) -> str:
        """The error that is shown, "" when none is."""
        return "" if self.ui.messageLabel.isHidden() else self.ui.messageLabel.text

    def next(self, expected: int | None = None) -> None:
        """Press Next, and wait until everything is done; ``expected``: the page that follows."""
        assert self.ui.nextButton.enabled
        self.ui.nextButton.click()
        self.settle()
        if expected is not None:
            assert (self.page, self.message) == (expected, "")

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.host.until(lambda: not self.maker._timer.active)

    # -- pages ------------------------------------------------------------------------------------

    def choose_source(self, source: int) -> None:
        self.ui.sourceBox.setCurrentIndex(source)

    def choose_folders(self, images: Path, labels: Path | None = None) -> None:
        """Fill the first page in, and go to the second."""
        self.ui.imagesPath.currentPath = str(images)
        self.ui.labelsPath.currentPath = "" if labels is None else str(labels)
        self.next(CLASSES)

    def name_classes(self, text: str) -> None:
        """Fill the second page in, and go to the third."""
        self.ui.classesEdit.text = text
        self.next(SPLIT)

    def finish(self, parent: Path, name: str) -> None:
        """Fill the last page in, and make the project."""
        assert self.page == PROJECT
        self.ui.nameEdit.text = name
        self.ui.parentPath.currentPath = str(parent)
        self.next()

    def cells(self, table: Any, column: int) -> list[str]:
        """The texts of a column, from top to bottom."""
        return [table.item(row, column).text() for row in range(table.rowCount)]

    def tick(self, table: Any, row: int, ticked: bool = True) -> None:
        state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        table.item(row, 0).setCheckState(state)

    def use_as(self, position: int, *rows: int) -> None:
        """Choose rows of the split's table, and what they are used for."""
        self.ui.splitTable.clearSelection()
        for row in rows:
            for column in range(4):
                self.ui.splitTable.item(row, column).setSelected(True)
        box = bare(self.ui.statusBox)
        box.setCurrentIndex(position)
        box.activated.emit(position)

    def close(self) -> None:
        self.maker.close()
        self.settle()
        self.host.process()

    def picture(self, path: Path) -> None:
        """Write what the dialog looks like."""
        self.host.process()
        bare(self.maker.dialog).grab().save(str(path))
