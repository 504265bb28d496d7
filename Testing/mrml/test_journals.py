"""A series of an open project has its journal there, any other one in the scene."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectLockedError
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE, Journals
from SAIMCore.mrml.node_journal import NodeJournal
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.journal import ProjectJournal
from SAIMCore.project.project import Project
from Testing.mrml.scenes import add_segmentation, add_volume

CLASSES = ClassTable.from_names(["background", "liver"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two unlabeled series."""
    place = tmp_path_factory.mktemp("project")
    images = place / "images"
    images.mkdir()
    for number in (1, 2):
        image = sitk.GetImageFromArray(np.full((6, 16, 20), number, dtype=np.float32))
        # The grid of ``add_volume``: 20 x 16 x 6 voxels, axial, whose origin is given in RAS.
        image.SetSpacing((0.8, 0.9, 3.0))
        image.SetOrigin((-11.0, 7.0, 30.0))
        sitk.WriteImage(image, str(images / f"case{number}.nii.gz"))
    Project.create(place / "made", plan_import(images, classes=CLASSES)).close()
    return place / "made"


@pytest.fixture
def journals(scene: slicer.vtkMRMLScene, folder: Path) -> Iterator[Journals]:
    made = Journals(scene, "anna")
    made.use_project(folder)
    yield made
    made.use_project(None)


def test_a_volume_is_known_by_the_file_that_it_was_loaded_from(
    scene: slicer.vtkMRMLScene, journals: Journals, folder: Path
) -> None:
    volume = add_volume(scene)
    node = add_segmentation(scene, volume)
    assert isinstance(journals.of(SliceGrid(volume), node), NodeJournal)
    volume.AddDefaultStorageNode()
    volume.GetStorageNode().SetFileName(str(folder.parent / "images" / "case2.nii.gz"))
    found = journals.of(SliceGrid(volume), node)
    assert isinstance(found, ProjectJournal)
    found.add_active(5)
    journals.use_project(None)
    with Project.open(folder, read_only=True) as project:
        (sitting,) = project.sessions.all("case2")
    assert (sitting.annotator, sitting.seconds_active) == ("anna", 5)
    assert isinstance(journals.of(SliceGrid(volume), node), NodeJournal)


def test_a_mark_counts_more_than_the_file(scene: slicer.vtkMRMLScene, journals: Journals) -> None:
    volume = add_volume(scene)
    node = add_segmentation(scene, volume)
    volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    assert isinstance(journals.of(SliceGrid(volume), node), ProjectJournal)
    volume.SetAttribute(SERIES_ATTRIBUTE, "of another project")
    assert isinstance(journals.of(SliceGrid(volume), node), NodeJournal)


def test_a_crop_of_a_series_is_not_the_series(
    scene: slicer.vtkMRMLScene, journals: Journals
) -> None:
    volume = add_volume(scene, size=(20, 16, 5))
    volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    assert isinstance(journals.of(SliceGrid(volume), add_segmentation(scene, volume)), NodeJournal)


def test_a_project_in_which_somebody_works_is_not_used(
    scene: slicer.vtkMRMLScene, folder: Path
) -> None:
    volume = add_volume(scene)
    volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    made = Journals(scene, "anna")
    with Project.open(folder), pytest.raises(ProjectLockedError):
        made.use_project(folder)
    assert isinstance(made.of(SliceGrid(volume), add_segmentation(scene, volume)), NodeJournal)
    made.use_project(folder)
    made.use_project(folder)
    assert isinstance(made.of(SliceGrid(volume), add_segmentation(scene, volume)), ProjectJournal)
    made.use_project(None)
