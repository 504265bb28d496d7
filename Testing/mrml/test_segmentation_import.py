"""Segmentations of the scene give a project its classes and its first annotations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.data.reading import read_labelmap
from SAIMCore.errors import ClassTableError, InvalidLabelmapError, ProjectError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.segmentation_import import classes_from_segmentation, labels_from_segmentation
from Testing.mrml.scenes import DIRECTIONS, add_segmentation, add_transform, add_volume, paint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project" / "labels"


def blocks(volume: slicer.vtkMRMLScalarVolumeNode, count: int) -> np.ndarray:
    shape = slicer.util.arrayFromVolume(volume).shape
    return np.random.default_rng(5).integers(0, count, shape).astype(np.uint8)


def test_each_segment_gives_a_class_in_order(scene: slicer.vtkMRMLScene) -> None:
    node = add_segmentation(scene, add_volume(scene), "Liver", "left kidney")
    node.GetSegmentation().GetSegment("Liver").SetColor(1, 0.5, 0)
    classes = classes_from_segmentation(node)
    assert classes.names == ("background", "Liver", "left kidney")
    assert [entry.value for entry in classes] == [0, 1, 2]
    assert classes[1].color == (255, 128, 0)


def test_segments_of_another_project_give_its_classes(scene: slicer.vtkMRMLScene) -> None:
    node = add_segmentation(scene, add_volume(scene), "notes", "mine")
    segments = ClassSegments(node, ClassTable.from_names(["background", "liver", "kidney"]))
    segments.ensure()
    segments.assign("mine", 2)
    classes = classes_from_segmentation(node)
    # "kidney" is what was taken out for "mine".
    assert classes.names == ("background", "notes", "kidney", "liver")
    assert len(ClassSegments(node, classes).ids) == 3


def test_names_that_repeat_and_no_segments_at_all_are_refused(scene: slicer.vtkMRMLScene) -> None:
    node = add_segmentation(scene, add_volume(scene), "a", "b")
    node.GetSegmentation().GetSegment("b").SetName("a")
    with pytest.raises(ClassTableError, match="'a' appears more than once"):
        classes_from_segmentation(node)
    node.GetSegmentation().RemoveAllSegments()
    with pytest.raises(ClassTableError, match="2 to 255 classes"):
        classes_from_segmentation(node)
    for number in range(255):
        node.GetSegmentation().AddEmptySegment(f"s{number}", f"s{number}")
    with pytest.raises(ClassTableError, match="2 to 255 classes"):
        classes_from_segmentation(node)


@pytest.mark.parametrize("spacing", [(0.8, 0.9, 3.0), (3.0, 0.9, 0.8)])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_the_segments_hold_is_written_on_the_grid_of_the_volume(
    scene: slicer.vtkMRMLScene,
    folder: Path,
    direction: str,
    spacing: tuple[float, float, float],
) -> None:
    volume = add_volume(scene, (9, 8, 5), spacing, DIRECTIONS[direction])
    node = add_segmentation(scene, volume, "liver", "kidney")
    expected = blocks(volume, 3)
    for value, name in enumerate(("liver", "kidney"), start=1):
        paint(node, name, expected == value, volume)
    classes = classes_from_segmentation(node)
    file = labels_from_segmentation(node, volume, classes, folder)
    assert file == folder / "series.labels.nrrd"
    found = read_labelmap(file, SliceGrid(volume).geometry, classes)
    np.testing.assert_array_equal(found, expected)


def test_a_cropped_segmentation_and_foreign_segments_are_no_obstacle(
    scene: slicer.vtkMRMLScene, folder: Path
) -> None:
    volume = add_volume(scene)
    node = add_segmentation(scene, volume, "notes", "liver")
    mask = np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
    mask[2:4, 5:8, 6:9] = True
    paint(node, "liver", mask, volume)
    paint(node, "notes", ~mask, volume)
    classes = ClassTable.from_names(["background", "kidney=7", "liver=9"])
    file = labels_from_segmentation(node, volume, classes, folder)
    found = read_labelmap(file, SliceGrid(volume).geometry, classes)
    np.testing.assert_array_equal(found, 2 * mask)


def test_a_segmentation_that_was_moved_lands_where_it_is_seen(
    scene: slicer.vtkMRMLScene, folder: Path
) -> None:
    volume = add_volume(scene, spacing=(1.0, 1.0, 2.0))
    node = add_segmentation(scene, volume, "liver")
    mask = np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
    mask[2:4, 5:8, 6:9] = True
    paint(node, "liver", mask, volume)
    transform = add_transform(scene, angle=0, shift=(2, 0, 0))
    node.SetAndObserveTransformNodeID(transform.GetID())
    classes = classes_from_segmentation(node)
    file = labels_from_segmentation(node, volume, classes, folder)
    found = read_labelmap(file, SliceGrid(volume).geometry, classes)
    # I runs to the left, and the segments went to the right.
    np.testing.assert_array_equal(found, np.roll(mask, -2, axis=2))


def test_files_are_never_replaced_and_found_again(scene: slicer.vtkMRMLScene, folder: Path) -> None:
    volume = add_volume(scene)
    node = add_segmentation(scene, volume, "liver")
    paint(node, "liver", blocks(volume, 2) == 1, volume)
    classes = classes_from_segmentation(node)
    first = labels_from_segmentation(node, volume, classes, folder)
    assert labels_from_segmentation(node, volume, classes, folder) == first
    paint(node, "liver", blocks(volume, 2) == 0, volume)
    second = labels_from_segmentation(node, volume, classes, folder)
    assert second.name == "series_2.labels.nrrd"
    found = read_labelmap(first, SliceGrid(volume).geometry, classes)
    np.testing.assert_array_equal(found, blocks(volume, 2))


def test_a_segmentation_of_other_things_is_refused(
    scene: slicer.vtkMRMLScene, tmp_path: Path
) -> None:
    volume = add_volume(scene)
    node = add_segmentation(scene, volume, "lung")
    classes = ClassTable.from_names(["background", "liver", "kidney"])
    with pytest.raises(InvalidLabelmapError, match="no segment of the classes liver, kidney"):
        labels_from_segmentation(node, volume, classes, tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError, match="cannot write"):
        labels_from_segmentation(node, volume, classes_from_segmentation(node), tmp_path / "file")
