"""The dialog that makes a project, of what is in the scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import slicer
from PySide6.QtCore import Qt

from SAIMCore.classes import ClassTable
from SAIMCore.project.project import Project
from Testing.desktop.project_maker import CHECK, CLASSES, PROJECT, SCENE, SPLIT, ProjectMaker
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.mrml.scenes import add_segmentation, add_volume, paint


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
