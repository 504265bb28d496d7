"""The dialog that makes a project, of series in the DICOM database."""

from __future__ import annotations

from pathlib import Path

import pytest
import slicer
from PySide6.QtCore import Qt

from Testing.desktop.project_maker import CHECK, CLASSES, DICOM, ProjectMaker


class Database:
    """A DICOM database of two patients with a series each, which lists ``files``."""

    isOpen = True

    def __init__(self, files: dict[str, list[Path]]) -> None:
        self._files = files

    def patients(self) -> tuple[str, ...]:
        return ("1", "2")

    def nameForPatient(self, patient: str) -> str:
        return {"1": "Ada", "2": "Bob"}[patient]

    def studiesForPatient(self, patient: str) -> tuple[str, ...]:
        return (f"study {patient}",)

    def fieldForStudy(self, field: str, study: str) -> str:
        assert field == "StudyDate"
        return "20260102"

    def seriesForStudy(self, study: str) -> tuple[str, ...]:
        return tuple(uid for uid in self._files if uid.endswith(study[-1]))

    def descriptionForSeries(self, uid: str) -> str:
        return f"T2 of {uid}"

    def fieldForSeries(self, field: str, uid: str) -> str:
        assert field == "Modality"
        return "MR"

    def filesForSeries(self, uid: str) -> tuple[str, ...]:
        return tuple(map(str, self._files[uid]))


class TestDicom:
    """Series of Slicer's DICOM database."""

    def test_without_a_database_it_is_said(self, maker: ProjectMaker) -> None:
        maker.choose_source(DICOM)
        assert maker.message.startswith("Slicer has no DICOM database")

    def test_ticked_series_are_taken(
        self, maker: ProjectMaker, shared_data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = sorted((shared_data / "io" / "ct_dicom_3slice").glob("*.dcm"))
        database = Database({"uid.1": files, "uid.2": []})
        monkeypatch.setattr(slicer, "dicomDatabase", database, raising=False)
        maker.choose_source(DICOM)
        assert maker.cells(maker.ui.dicomTable, 0) == ["Ada", "Bob"]
        maker.next()
        assert maker.message.startswith("No DICOM series is chosen")
        maker.tick(maker.ui.dicomTable, 0)
        maker.next(CLASSES)
        maker.name_classes("background,liver")
        assert maker.cells(maker.ui.splitTable, 1) == ["99000"]
        maker.next(CHECK)
        assert maker.cells(maker.ui.checkTable, 3) == ["none"]

    def test_letters_find_series(
        self, maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            slicer, "dicomDatabase", Database({"uid.1": [], "uid.2": []}), raising=False
        )
        maker.choose_source(DICOM)
        maker.ui.dicomFilter.text = "bob"
        table = maker.ui.dicomTable
        assert [table.isRowHidden(row) for row in range(2)] == [True, False]
        maker.ui.dicomAllButton.click()
        ticked = [table.item(row, 0).checkState() == Qt.CheckState.Checked for row in range(2)]
        assert ticked == [False, True]
        maker.ui.dicomAllButton.click()
        assert table.item(1, 0).checkState() == Qt.CheckState.Unchecked
