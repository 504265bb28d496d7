"""Volumes with their segmentations, collected step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.data.reading import label_values, read_series
from SAIMCore.errors import InvalidLabelmapError, ProjectError
from SAIMCore.mrml.scene_collection import (
    ChosenVolume,
    SceneCollection,
    segmentation_of,
    segmentations_in,
)
from Testing.mrml.scenes import add_segmentation, add_transform, add_volume, paint

CLASSES = ClassTable.from_names(["background", "liver", "kidney"])


def named(volume: slicer.vtkMRMLScalarVolumeNode, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    volume.SetName(name)
    return volume


@pytest.fixture
def first(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLScalarVolumeNode:
    return named(add_volume(scene), "first")


@pytest.fixture
def second(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLScalarVolumeNode:
    made = named(add_volume(scene), "second")
    slicer.util.arrayFromVolume(made)[:] += 1
    return made


def segmented(
    scene: slicer.vtkMRMLScene, volume: slicer.vtkMRMLScalarVolumeNode, *names: str
) -> slicer.vtkMRMLSegmentationNode:
    """A segmentation of ``volume`` that shows each of ``names`` in a slice of its own."""
    node = add_segmentation(scene, volume, *names)
    for place, name in enumerate(names):
        mask = np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
        mask[place] = True
        paint(node, name, mask, volume)
    return node


def collect(collection: SceneCollection) -> list[tuple[int, int, str]]:
    told = [collection.progress]
    while collection.step():
        told.append(collection.progress)
    return told


def test_volumes_come_with_their_labels(
    scene: slicer.vtkMRMLScene,
    first: slicer.vtkMRMLScalarVolumeNode,
    second: slicer.vtkMRMLScalarVolumeNode,
    tmp_path: Path,
) -> None:
    node = segmented(scene, first, "liver", "kidney")
    chosen = [ChosenVolume(first, node), ChosenVolume(second)]
    collection = SceneCollection(chosen, CLASSES, tmp_path)
    assert collect(collection) == [(0, 2, "first"), (1, 2, "second")]
    assert collection.progress == (2, 2, "")
    labeled, plain = collection.collection.series
    assert (labeled.name, plain.name) == ("first", "second")
    assert labeled.labels == tmp_path / "labels" / "first.labels.nrrd"
    assert label_values(labeled.labels) == {0, 1, 2}
    assert plain.labels is None
    assert plain.source.path == tmp_path / "images" / "second.nrrd"
    assert read_series(plain.source).array[0, 0, 0] == 1


def test_segmentations_are_found_for_the_volumes_that_they_were_made_on(
    scene: slicer.vtkMRMLScene,
    first: slicer.vtkMRMLScalarVolumeNode,
    second: slicer.vtkMRMLScalarVolumeNode,
) -> None:
    node = add_segmentation(scene, second, "liver")
    hidden = add_segmentation(scene, second, "liver")
    hidden.HideFromEditorsOn()
    empty = add_segmentation(scene, first)
    assert segmentations_in(scene) == [node]
    assert segmentation_of(second, scene) is node
    assert segmentation_of(first, scene) is None
    empty.GetSegmentation().AddEmptySegment("kidney", "kidney")
    assert segmentation_of(first, scene) is empty


def test_nothing_chosen_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no volume is chosen"):
        SceneCollection([], CLASSES, tmp_path)


def test_a_segmentation_of_other_things_is_refused(
    scene: slicer.vtkMRMLScene, first: slicer.vtkMRMLScalarVolumeNode, tmp_path: Path
) -> None:
    node = segmented(scene, first, "bladder")
    collection = SceneCollection([ChosenVolume(first, node)], CLASSES, tmp_path)
    with pytest.raises(InvalidLabelmapError, match="liver, kidney"):
        collection.step()


def test_what_cannot_be_a_series_stops_at_its_turn(
    scene: slicer.vtkMRMLScene,
    first: slicer.vtkMRMLScalarVolumeNode,
    second: slicer.vtkMRMLScalarVolumeNode,
    tmp_path: Path,
) -> None:
    second.SetAndObserveTransformNodeID(add_transform(scene).GetID())
    collection = SceneCollection([ChosenVolume(first), ChosenVolume(second)], CLASSES, tmp_path)
    assert collection.step()
    with pytest.raises(ProjectError, match="lies under the transform"):
        collection.step()
