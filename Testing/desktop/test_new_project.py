"""The dialog that makes a project: from folders and data sets to the project."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES
from SAIMCore.project.project import Project
from Testing.desktop.project_maker import (
    CHECK,
    CLASSES,
    DATASET,
    IMAGES,
    PHANTOM,
    PROJECT,
    SPLIT,
    ProjectMaker,
)
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare


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
        assert not checked.maker._connections

    def test_closing_at_the_first_page_makes_nothing(self, maker: ProjectMaker) -> None:
        bare(maker.maker.dialog).reject()
        assert maker.made == []
        assert not maker.maker._connections

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
