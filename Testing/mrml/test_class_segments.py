"""Classes find their segments by assignment, name or terminology, never by order or number."""

from __future__ import annotations

import pytest
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ClassTableError
from SAIMCore.mrml.class_segments import ClassSegments
from Testing.mrml.scenes import add_segmentation, add_volume

CLASSES = ClassTable.from_names(["background", "liver", "kidney", "tumor<liver"])
LIVER, KIDNEY, TUMOR = 1, 2, 3
TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list"
    "~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^~Anatomic codes~^^~^^"
)


@pytest.fixture
def node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLSegmentationNode:
    return add_segmentation(scene, add_volume(scene), "notes", "Kidney", "tumor", "liver")


def test_segments_are_found_by_name_in_any_order(node: slicer.vtkMRMLSegmentationNode) -> None:
    segments = ClassSegments(node, CLASSES)
    assert segments.ids == {LIVER: "liver", KIDNEY: "Kidney", TUMOR: "tumor"}
    assert segments.class_of("Kidney") == KIDNEY
    assert segments.class_of("notes") is None
    node.GetSegmentation().SetSegmentIndex("liver", 0)
    node.GetSegmentation().RemoveSegment("Kidney")
    assert segments.ids == {LIVER: "liver", TUMOR: "tumor"}


def test_missing_segments_are_made_with_name_and_color(
    node: slicer.vtkMRMLSegmentationNode,
) -> None:
    node.GetSegmentation().RemoveSegment("Kidney")
    segments = ClassSegments(node, CLASSES)
    ids = segments.ensure()
    assert ids == segments.ids == segments.ensure()
    made = node.GetSegmentation().GetSegment(ids[KIDNEY])
    assert made.GetName() == "kidney"
    assert made.GetColor() == pytest.approx([part / 255 for part in CLASSES[KIDNEY].color])
    assert node.GetSegmentation().GetNumberOfSegments() == 4


def test_a_renamed_segment_that_was_made_here_stays_that_of_its_class(
    scene: slicer.vtkMRMLScene,
) -> None:
    node = add_segmentation(scene, add_volume(scene))
    segments = ClassSegments(node, CLASSES)
    ids = segments.ensure()
    node.GetSegmentation().GetSegment(ids[LIVER]).SetName("my favorite organ")
    assert segments.ids == ids


def test_the_terminology_counts_where_the_name_says_nothing(
    node: slicer.vtkMRMLSegmentationNode,
) -> None:
    node.GetSegmentation().GetSegment("notes").SetTerminology(TERMINOLOGY)
    assert ClassSegments(node, CLASSES).ids[LIVER] == "liver"
    node.GetSegmentation().RemoveSegment("liver")
    assert ClassSegments(node, CLASSES).ids[LIVER] == "notes"


def test_the_user_may_assign_segments(node: slicer.vtkMRMLSegmentationNode) -> None:
    segments = ClassSegments(node, CLASSES)
    segments.assign("notes", LIVER)
    assert segments.ids == {LIVER: "notes", KIDNEY: "Kidney", TUMOR: "tumor"}
    assert segments.class_of("liver") is None
    segments.assign("liver", KIDNEY)
    assert segments.ids == {LIVER: "notes", KIDNEY: "liver", TUMOR: "tumor"}
    segments.assign("notes", None)
    assert segments.ids == {KIDNEY: "liver", TUMOR: "tumor"}


def test_an_assignment_is_saved_with_the_segmentation(
    scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLSegmentationNode
) -> None:
    ClassSegments(node, CLASSES).assign("notes", LIVER)
    copied = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    copied.GetSegmentation().DeepCopy(node.GetSegmentation())
    assert ClassSegments(copied, CLASSES).ids[LIVER] == "notes"


@pytest.mark.parametrize(("segment", "class_index"), [("nobody", 1), ("liver", 0), ("liver", 4)])
def test_impossible_assignments_are_refused(
    node: slicer.vtkMRMLSegmentationNode, segment: str, class_index: int
) -> None:
    with pytest.raises(ClassTableError, match="segment"):
        ClassSegments(node, CLASSES).assign(segment, class_index)


def test_locking_and_visibility(node: slicer.vtkMRMLSegmentationNode) -> None:
    segments = ClassSegments(node, CLASSES)
    assert not segments.locked("liver")
    segments.set_locked("liver", True)
    assert segments.locked("liver")
    segments.set_locked("liver", False)
    assert not segments.locked("liver")
    assert segments.visible("liver")
    node.GetDisplayNode().SetSegmentVisibility("liver", False)
    assert not segments.visible("liver")
    assert segments.visible("Kidney")
    node.GetDisplayNode().SetVisibility(False)
    assert not segments.visible("Kidney")
    node.RemoveAllDisplayNodeIDs()
    assert segments.visible("liver")
