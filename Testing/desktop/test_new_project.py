"""The dialog that makes a project: folders, data sets, scene and DICOM database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import slicer
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES
from SAIMCore.project.project import Project
from Testing.desktop.project_maker import (
    CHECK,
    CLASSES,
    DATASET,
    DICOM,
    IMAGES,
    PROJECT,
    SCENE,
    SPLIT,
    ProjectMaker,
)
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.mrml.scenes import add_segmentation, add_volume, paint

PHANTOM = "background,organ,lesion<organ,node,gland"
ANNOTATED, POOL, VALIDATION, TEST, EXCLUDED = range(5)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_phantom(tmp_path_factory.mktemp("data") / "phantom", 6, size=(32, 32, 4)).folder


@pytest.fixture
def phantom(made_once: Path, tmp_path: Path) -> Path:
    """Images and labels of six series, with ``splits.json``; they may be damaged."""
    place = tmp_path / "phantom"
    for file in made_once.rglob("*.*"):
        copy = place / file.relative_to(made_once)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return place


@pytest.fixture
def maker(host: SlicerStandIn) -> Iterator[ProjectMaker]:
    made = ProjectMaker(host)
    yield made
    made.close()


@pytest.fixture
def planned(maker: ProjectMaker, phantom: Path) -> ProjectMaker:
    """Images, labels and classes are given."""
    maker.choose_folders(phantom / "images", phantom / "labels")
    maker.name_classes(PHANTOM)
    return maker


def test_from_a_folder_to_a_project(
    maker: ProjectMaker, phantom: Path, tmp_path: Path, host: SlicerStandIn
) -> None:
    assert maker.page == IMAGES
    assert not maker.ui.backButton.enabled
    maker.choose_folders(phantom / "images", phantom / "labels")
    assert maker.ui.sentenceLabel.text == "6 series found, 6 of them with labels."
    maker.name_classes(PHANTOM)
    assert len(maker.cells(maker.ui.splitTable, 0)) == 6
    maker.next(CHECK)
    assert maker.cells(maker.ui.checkTable, 3) == ["none"] * 6
    maker.next(PROJECT)
    assert not maker.ui.nextButton.enabled
    maker.finish(tmp_path, "My campaign")
    assert maker.made == [tmp_path / "My_campaign"]
    assert bare(maker.maker.dialog).isHidden()
    with Project.open(tmp_path / "My_campaign") as project:
        assert project.settings.name == "My campaign"
        assert project.classes == PHANTOM_CLASSES
        assert len(project.series()) == 6
    # Next time, other projects are proposed beside it.
    host.process()
    again = ProjectMaker(host)
    assert again.ui.parentPath.currentPath == str(tmp_path)
    again.close()


class TestImages:
    """The first page."""

    def test_a_folder_must_be_given(self, maker: ProjectMaker) -> None:
        maker.next()
        assert (maker.page, maker.message) == (IMAGES, "Choose the folder of the images.")

    def test_a_folder_without_images_is_said(self, maker: ProjectMaker, tmp_path: Path) -> None:
        maker.ui.imagesPath.currentPath = str(tmp_path / "nothing")
        maker.next()
        assert maker.page == IMAGES
        assert "nothing does not exist" in maker.message

    def test_the_message_goes_with_the_next_attempt(
        self, maker: ProjectMaker, phantom: Path
    ) -> None:
        maker.next()
        maker.choose_folders(phantom / "images")
        assert maker.message == ""
        assert maker.ui.sentenceLabel.text == "6 series found, 0 of them with labels."
        assert not maker.ui.labelsButton.enabled

    def test_a_data_set_names_the_classes(self, maker: ProjectMaker, phantom: Path) -> None:
        names = sorted(path.name for path in (phantom / "images").iterdir())
        entries = [{"image": f"images/{name}", "label": f"labels/{name}"} for name in names]
        values = {str(entry.value): entry.name for entry in PHANTOM_CLASSES}
        (phantom / "dataset.json").write_text(
            json.dumps({"labels": values, "training": entries}), encoding="utf-8"
        )
        maker.choose_source(DATASET)
        maker.ui.datasetPath.currentPath = str(phantom / "dataset.json")
        maker.next(CLASSES)
        assert maker.ui.classesEdit.text == "background,organ,lesion,node,gland"
        maker.next(SPLIT)
        maker.next(CHECK)
        assert maker.ui.nextButton.enabled

    def test_classes_that_were_typed_are_not_replaced(
        self, maker: ProjectMaker, phantom: Path
    ) -> None:
        self.test_a_data_set_names_the_classes(maker, phantom)
        for _ in range(2):
            maker.ui.backButton.click()
        maker.ui.classesEdit.text = "background,a,b,c,d"
        maker.ui.backButton.click()
        maker.next(CLASSES)
        assert maker.ui.classesEdit.text == "background,a,b,c,d"

    def test_other_images_are_planned_anew(self, planned: ProjectMaker, phantom: Path) -> None:
        sorted((phantom / "images").iterdir())[0].unlink()
        for _ in range(2):
            planned.ui.backButton.click()
        planned.next(CLASSES)
        planned.next(SPLIT)
        assert len(planned.cells(planned.ui.splitTable, 0)) == 5


class TestScene:
    """Volumes in the scene, with segmentations as labels."""

    @pytest.fixture
    def scene(self, host: SlicerStandIn) -> slicer.vtkMRMLScene:
        """Two volumes, of which one has a segmentation of liver and kidney."""
        for number, name in enumerate(("one", "two")):
            volume = add_volume(host.scene)
            volume.SetName(name)
            slicer.util.arrayFromVolume(volume)[:] += number
        volume = host.scene.GetFirstNodeByName("one")
        node = add_segmentation(host.scene, volume, "liver", "kidney")
        mask = np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
        mask[1] = True
        paint(node, "liver", mask, volume)
        paint(node, "kidney", np.roll(mask, 1, 0), volume)
        return host.scene

    def test_they_become_series_with_labels(
        self, scene: slicer.vtkMRMLScene, maker: ProjectMaker, tmp_path: Path
    ) -> None:
        maker.choose_source(SCENE)
        maker.ui.sceneFolder.currentPath = str(tmp_path / "written")
        maker.next(CLASSES)
        assert maker.ui.classesEdit.text.startswith("background,liver#")
        maker.next(SPLIT)
        assert maker.cells(maker.ui.splitTable, 2) == ["yes", "no"]
        maker.next(CHECK)
        maker.next(PROJECT)
        maker.finish(tmp_path, "scene")
        with Project.open(tmp_path / "scene") as project:
            assert project.classes.names == ("background", "liver", "kidney")
            statuses = {record.name: record.status for record in project.series()}
            assert statuses == {"one": "annotated", "two": "unannotated"}

    def test_what_is_not_ticked_stays_out(
        self, scene: slicer.vtkMRMLScene, maker: ProjectMaker, tmp_path: Path
    ) -> None:
        maker.choose_source(SCENE)
        maker.tick(maker.ui.sceneTable, 0, False)
        maker.ui.sceneFolder.currentPath = str(tmp_path / "written")
        maker.next(CLASSES)
        assert maker.ui.classesEdit.text == ""
        maker.next()
        assert maker.message == "Name the classes, like background,liver,kidney."
        maker.name_classes("background,liver")
        assert maker.cells(maker.ui.splitTable, 0) == ["two"]
        # And it is as it was left, when the user comes back.
        maker.ui.backButton.click()
        maker.ui.backButton.click()
        first, second = (maker.ui.sceneTable.item(row, 0).checkState() for row in range(2))
        assert (first, second) == (Qt.CheckState.Unchecked, Qt.CheckState.Checked)

    def test_something_must_be_ticked_and_a_folder_given(
        self, scene: slicer.vtkMRMLScene, maker: ProjectMaker
    ) -> None:
        maker.choose_source(SCENE)
        maker.next()
        assert maker.message == "Choose a folder for what is not in files."
        for row in range(2):
            maker.tick(maker.ui.sceneTable, row, False)
        maker.next()
        assert maker.message.startswith("No volume is ticked")

    def test_labels_of_other_classes_are_said(
        self, scene: slicer.vtkMRMLScene, maker: ProjectMaker, tmp_path: Path
    ) -> None:
        maker.choose_source(SCENE)
        maker.ui.sceneFolder.currentPath = str(tmp_path / "written")
        maker.next(CLASSES)
        maker.ui.classesEdit.text = "background,bladder"
        maker.next()
        assert maker.page == CLASSES
        assert "has no segment of the classes bladder" in maker.message

    def test_a_segmentation_can_name_the_classes_of_files(
        self, scene: slicer.vtkMRMLScene, maker: ProjectMaker, phantom: Path
    ) -> None:
        maker.choose_folders(phantom / "images")
        maker.ui.segmentationButton.click()
        classes = ClassTable.from_names(maker.ui.classesEdit.text.split(","))
        assert classes.names == ("background", "liver", "kidney")


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


class TestClasses:
    """The second page."""

    def test_names_that_cannot_be_are_said(self, maker: ProjectMaker, phantom: Path) -> None:
        maker.choose_folders(phantom / "images")
        maker.ui.classesEdit.text = "liver,liver"
        maker.next()
        assert maker.page == CLASSES
        assert maker.message

    def test_nothing_at_all_is_said(self, maker: ProjectMaker, phantom: Path) -> None:
        maker.choose_folders(phantom / "images")
        maker.next()
        assert "nothing says which classes there are" in maker.message.casefold()
        assert not maker.ui.nextButton.enabled

    def test_the_labels_can_name_them(self, maker: ProjectMaker, phantom: Path) -> None:
        maker.choose_folders(phantom / "images", phantom / "labels")
        maker.ui.labelsButton.click()
        maker.settle()
        assert maker.ui.classesEdit.text == "background,class 1,class 2,class 3,class 4"

    def test_a_damaged_labelmap_is_named(self, maker: ProjectMaker, phantom: Path) -> None:
        sorted((phantom / "labels").iterdir())[2].write_bytes(b"no labels")
        maker.choose_folders(phantom / "images", phantom / "labels")
        maker.ui.labelsButton.click()
        maker.settle()
        assert "phantom_003" in maker.message
        assert maker.ui.classesEdit.text == ""


class TestSplit:
    """The third page."""

    def statuses(self, maker: ProjectMaker) -> list[str]:
        return maker.cells(maker.ui.splitTable, 3)

    def test_it_is_proposed(self, planned: ProjectMaker) -> None:
        assert set(self.statuses(planned)) == {"annotated (training)", "validation", "test"}
        assert planned.ui.planLabel.text.startswith("No splits were given, so 4 labeled series")

    def test_a_file_says_it(self, planned: ProjectMaker, phantom: Path) -> None:
        proposed = self.statuses(planned)
        planned.ui.fileButton.click()
        assert not planned.ui.nextButton.enabled
        planned.ui.splitsPath.currentPath = str(phantom / "splits.json")
        planned.settle()
        assert "unannotated (pool)" in self.statuses(planned)
        assert planned.ui.nextButton.enabled
        planned.ui.proposedButton.click()
        planned.settle()
        assert self.statuses(planned) == proposed

    def test_a_group_that_is_not_there_is_said(self, planned: ProjectMaker, phantom: Path) -> None:
        planned.ui.groupEdit.text = "small"
        planned.ui.fileButton.click()
        planned.ui.splitsPath.currentPath = str(phantom / "splits.json")
        planned.settle()
        assert "no group of splits 'small'" in planned.message
        assert not planned.ui.nextButton.enabled
        planned.ui.groupEdit.text = ""
        bare(planned.ui.groupEdit).editingFinished.emit()
        planned.settle()
        assert planned.message == ""
        assert planned.ui.nextButton.enabled

    def test_single_series_can_be_used_otherwise(self, planned: ProjectMaker) -> None:
        planned.use_as(POOL, 0, 2)
        planned.use_as(EXCLUDED, 5)
        statuses = self.statuses(planned)
        assert [statuses[row] for row in (0, 2, 5)] == [
            "unannotated (pool)",
            "unannotated (pool)",
            "excluded",
        ]
        planned.next(CHECK)
        planned.ui.backButton.click()
        assert self.statuses(planned) == statuses

    def test_series_without_labels_are_for_the_pool(
        self, maker: ProjectMaker, phantom: Path
    ) -> None:
        maker.choose_folders(phantom / "images")
        maker.name_classes(PHANTOM)
        maker.use_as(TEST, 0)
        assert "'phantom_001' has no labels" in maker.message
        assert self.statuses(maker) == ["unannotated (pool)"] * 6


class TestCheck:
    """The fourth page."""

    def test_what_is_wrong_is_said_and_can_be_left_out(
        self, planned: ProjectMaker, phantom: Path
    ) -> None:
        (phantom / "images" / "phantom_004.nii.gz").write_bytes(b"no image")
        planned.next(CHECK)
        assert planned.cells(planned.ui.checkTable, 0)[0] == "phantom_004"
        assert "phantom_004.nii.gz" in planned.cells(planned.ui.checkTable, 3)[0]
        assert planned.ui.sentenceLabel.text.startswith("1 series cannot be used as they are")
        assert not planned.ui.nextButton.enabled
        planned.ui.leaveOutButton.click()
        assert "phantom_004" not in planned.cells(planned.ui.checkTable, 0)
        assert planned.ui.sentenceLabel.text == "All series can be used."
        assert not planned.ui.leaveOutButton.enabled
        planned.next(PROJECT)

    def test_what_was_corrected_can_be_used(self, planned: ProjectMaker, phantom: Path) -> None:
        file = phantom / "images" / "phantom_004.nii.gz"
        content = file.read_bytes()
        file.write_bytes(b"no image")
        planned.next(CHECK)
        file.write_bytes(content)
        planned.ui.checkAgainButton.click()
        planned.settle()
        assert planned.ui.nextButton.enabled

    def test_it_can_be_stopped(self, planned: ProjectMaker) -> None:
        planned.ui.nextButton.click()
        assert not planned.ui.progressFrame.isHidden()
        assert not planned.ui.pages.enabled
        planned.ui.cancelButton.click()
        planned.settle()
        assert planned.ui.sentenceLabel.text == "Stopped; nothing was made."
        assert planned.ui.progressFrame.isHidden()
        assert planned.cells(planned.ui.checkTable, 3) == ["not read yet"] * 6
        assert not planned.ui.nextButton.enabled
        planned.ui.checkAgainButton.click()
        planned.settle()
        assert planned.ui.nextButton.enabled


class TestEnd:
    """Making the project, and leaving without one."""

    @pytest.fixture
    def checked(self, planned: ProjectMaker) -> ProjectMaker:
        planned.next(CHECK)
        planned.next(PROJECT)
        return planned

    def test_a_folder_that_is_taken_is_said(self, checked: ProjectMaker, tmp_path: Path) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
        checked.finish(tmp_path, "mine")
        assert (checked.page, checked.made) == (PROJECT, [])
        assert "already exists and is not empty" in checked.message
        checked.finish(tmp_path, "yours")
        assert checked.made == [tmp_path / "yours"]

    def test_it_can_be_stopped_halfway(self, checked: ProjectMaker, tmp_path: Path) -> None:
        checked.ui.nameEdit.text = "half"
        checked.ui.parentPath.currentPath = str(tmp_path)
        checked.ui.nextButton.click()
        checked.ui.cancelButton.click()
        checked.settle()
        assert not (tmp_path / "half").exists()
        assert checked.page == PROJECT
        assert checked.ui.nextButton.enabled

    def test_closing_stops_what_is_under_way(self, checked: ProjectMaker, tmp_path: Path) -> None:
        checked.ui.nameEdit.text = "half"
        checked.ui.parentPath.currentPath = str(tmp_path)
        checked.ui.nextButton.click()
        checked.ui.closeButton.click()
        checked.settle()
        assert checked.made == []
        assert not (tmp_path / "half").exists()
        assert checked.maker._connections == []

    def test_closing_at_the_first_page_makes_nothing(self, maker: ProjectMaker) -> None:
        bare(maker.maker.dialog).reject()
        assert maker.made == []
        assert maker.maker._connections == []

    def test_closing_twice_does_nothing(self, maker: ProjectMaker) -> None:
        maker.close()
        maker.maker.close()


def test_errors_of_the_program_are_shown_and_end_what_was_under_way(
    maker: ProjectMaker, phantom: Path, monkeypatch: pytest.MonkeyPatch, host: SlicerStandIn
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("an error of the program")

    monkeypatch.setattr(sys.modules["SAIMCore.project.importers.folders"], "collect_folders", fail)
    maker.ui.imagesPath.currentPath = str(phantom / "images")
    maker.ui.nextButton.click()
    host.application.processEvents()
    while maker.maker._timer.active:
        host.application.processEvents()
    assert maker.page == IMAGES
    assert [str(error) for error in host.printed()] == ["an error of the program"]
    assert len(host.dialogs()) == 1


def test_every_button_says_what_it_does(maker: ProjectMaker) -> None:
    buttons = bare(maker.maker.widget).findChildren(QAbstractButton)
    named = [button for button in buttons if button.objectName() and button.text()]
    assert len(named) > 8
    assert [button.objectName() for button in named if not button.toolTip()] == []
