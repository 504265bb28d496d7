"""A series of a campaign comes into the scene, is read from it, and leaves without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import slicer
import vtk

from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import Volume, read_series
from SAIMCore.errors import GeometryMismatchError, InvalidLabelmapError
from SAIMCore.mrml.campaign_stage import CampaignStage, StagedSeries, Unassigned
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from Testing.mrml.scenes import DIRECTIONS, add_segmentation, add_transform, add_volume, paint

FLAT = ClassTable.from_names(["background", "liver", "kidney", "spleen"])
NESTED = ClassTable.from_names(["background", "liver", "tumor<liver", "core<tumor"])
SPACINGS = {"k": (0.8, 0.9, 3.0), "j": (0.8, 3.0, 0.9), "i": (3.0, 0.8, 0.9)}

Labels = np.ndarray


def prepared(
    classes: ClassTable = FLAT,
    labels: Labels | None = None,
    direction: str = "axial",
    spacing: tuple[float, float, float] = SPACINGS["k"],
) -> PreparedSeries:
    cosines = np.diag([-1.0, -1.0, 1.0]) @ DIRECTIONS[direction]
    geometry = Geometry((9, 8, 5), spacing, (4.0, -3.0, 17.5), tuple(cosines.ravel().tolist()))
    array = np.arange(9 * 8 * 5, dtype=np.float32).reshape(5, 8, 9)
    return PreparedSeries("case_1", Volume(array, geometry), labels, classes)


def random_labels(classes: ClassTable = FLAT) -> Labels:
    rng = np.random.default_rng(3)
    return rng.integers(0, len(classes), (5, 8, 9)).astype(np.uint8)


@pytest.fixture
def campaign(scene: slicer.vtkMRMLScene) -> CampaignStage:
    return CampaignStage(scene)


@pytest.fixture
def nodes(scene: slicer.vtkMRMLScene) -> Callable[[], dict[str, str]]:
    """The nodes of the scene and what is in them."""

    def described() -> dict[str, str]:
        found = (scene.GetNthNode(number) for number in range(scene.GetNumberOfNodes()))
        return {node.GetID(): f"{node.GetName()} {node.GetMTime()}" for node in found}

    return described


def segment(staged: StagedSeries, classes: ClassTable, name: str) -> slicer.vtkSegment:
    ids = ClassSegments(staged.segmentation, classes).ids
    return staged.segmentation.GetSegmentation().GetSegment(ids[classes.index(name)])


def test_a_series_is_shown_with_a_segment_for_each_class(campaign: CampaignStage) -> None:
    series = prepared()
    staged = campaign.show(series)
    assert staged.name == "case_1"
    assert series.volume.geometry.difference(SliceGrid(staged.volume).geometry) is None
    assert staged.geometry == SliceGrid(staged.volume).geometry
    segmentation = staged.segmentation.GetSegmentation()
    made = [segmentation.GetSegment(name) for name in segmentation.GetSegmentIDs()]
    assert [each.GetName() for each in made] == ["liver", "kidney", "spleen"]
    for each, entry in zip(made, list(FLAT)[1:], strict=True):
        assert each.GetColor() == pytest.approx([part / 255 for part in entry.color])
    assert staged.segmentation.GetDisplayNode() is not None
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    assert staged.segmentation.GetNodeReference(role) is staged.volume
    assert not campaign.labels(staged, FLAT).any()
    assert campaign.unassigned(staged, FLAT) == Unassigned((), ())


@pytest.mark.parametrize("classes", [FLAT, NESTED], ids=["flat", "nested"])
@pytest.mark.parametrize("axis", SPACINGS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_earlier_annotation_comes_back_voxel_by_voxel(
    campaign: CampaignStage, direction: str, axis: str, classes: ClassTable
) -> None:
    labels = random_labels(classes)
    staged = campaign.show(prepared(classes, labels, direction, SPACINGS[axis]))
    found = campaign.labels(staged, classes)
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, labels)


@pytest.mark.parametrize("superior", [1, -1], ids=["right-handed", "left-handed"])
def test_a_project_takes_what_the_segments_of_its_series_hold(
    campaign: CampaignStage, tmp_path: Path, superior: int
) -> None:
    (tmp_path / "images").mkdir()
    values = np.random.default_rng(0).normal(size=(5, 8, 9)).astype(np.float32)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((0.8, 3.0, 0.9))
    image.SetDirection((0, 0, 1, -1, 0, 0, 0, superior, 0))
    sitk.WriteImage(image, str(tmp_path / "images" / "case_1.nii.gz"))
    plan = plan_import(tmp_path / "images", classes=NESTED)
    with Project.create(tmp_path / "project", plan) as project:
        record = project.series_named("case_1")
        volume = read_series(record.source)
        labels = random_labels(NESTED)
        staged = campaign.show(PreparedSeries("case_1", volume, labels, project.classes))
        assert record.geometry.difference(SliceGrid(staged.volume).geometry) is None
        project.annotations.accept("case_1", campaign.labels(staged, project.classes), "anna")
        np.testing.assert_array_equal(project.annotations.load("case_1"), labels)


def test_the_structure_around_others_is_shown_as_the_union(campaign: CampaignStage) -> None:
    labels = random_labels(NESTED)
    staged = campaign.show(prepared(NESTED, labels))
    for index in NESTED.foreground:
        shown = slicer.util.arrayFromSegmentBinaryLabelmap(
            staged.segmentation,
            ClassSegments(staged.segmentation, NESTED).ids[index],
            staged.volume,
        )
        np.testing.assert_array_equal(shown > 0, NESTED.structure(labels, index))


def test_what_the_user_painted_renamed_and_reordered_is_read(campaign: CampaignStage) -> None:
    staged = campaign.show(prepared())
    segmentation, mask = staged.segmentation.GetSegmentation(), random_labels() == 1
    paint(staged.segmentation, segmentation.GetNthSegmentID(1), mask, staged.volume)
    segment(staged, FLAT, "kidney").SetName("left kidney")
    segmentation.SetSegmentIndex(segmentation.GetNthSegmentID(1), 0)
    np.testing.assert_array_equal(campaign.labels(staged, FLAT), 2 * mask)


def test_series_and_segments_may_be_moved_together(
    scene: slicer.vtkMRMLScene, campaign: CampaignStage
) -> None:
    labels = random_labels()
    staged = campaign.show(prepared(labels=labels))
    transform = add_transform(scene)
    for node in (staged.volume, staged.segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    np.testing.assert_array_equal(campaign.labels(staged, FLAT), labels)


def test_labels_go_only_into_empty_segments_that_they_fit(campaign: CampaignStage) -> None:
    staged = campaign.show(prepared())
    with pytest.raises(InvalidLabelmapError, match=r"shape \(4, 8, 9\)"):
        campaign.fill(staged, random_labels()[1:], FLAT)
    with pytest.raises(InvalidLabelmapError, match="classes up to 9"):
        campaign.fill(staged, np.full((5, 8, 9), 9, dtype=np.uint8), FLAT)
    campaign.fill(staged, random_labels(), FLAT)
    with pytest.raises(InvalidLabelmapError, match="hold something"):
        campaign.fill(staged, np.zeros_like(random_labels()), FLAT)
    np.testing.assert_array_equal(campaign.labels(staged, FLAT), random_labels())


def test_a_series_whose_labels_do_not_fit_leaves_nothing_behind(
    campaign: CampaignStage, nodes: Callable[[], dict[str, str]]
) -> None:
    before = nodes()
    with pytest.raises(InvalidLabelmapError, match="do not fit"):
        campaign.show(prepared(labels=random_labels()[1:]))
    assert nodes() == before


def test_classes_without_segment_and_segments_without_class_are_named(
    campaign: CampaignStage,
) -> None:
    staged = campaign.show(prepared(labels=random_labels()))
    segmentation = staged.segmentation.GetSegmentation()
    segmentation.RemoveSegment(ClassSegments(staged.segmentation, FLAT).ids[2])
    segmentation.AddEmptySegment("empty", "empty")
    segmentation.AddEmptySegment("note", "my note")
    paint(staged.segmentation, "note", random_labels() == 3, staged.volume)
    segmentation.AddEmptySegment("surface", "a surface")
    surface = segmentation.GetSegment("surface")
    surface.AddRepresentation("Closed surface", vtk.vtkPolyData())
    surface.RemoveRepresentation("Binary labelmap")
    assert campaign.unassigned(staged, FLAT) == Unassigned(("kidney",), ("my note", "a surface"))
    expected = random_labels()
    expected[expected == 2] = 0
    np.testing.assert_array_equal(campaign.labels(staged, FLAT) == 1, expected == 1)


def test_a_volume_that_was_changed_under_the_segments_is_noticed(campaign: CampaignStage) -> None:
    staged = campaign.show(prepared(labels=random_labels()))
    staged.volume.SetSpacing(1, 1, 1)
    with pytest.raises(GeometryMismatchError, match="'case_1' was changed and has spacing 1 x 1"):
        campaign.labels(staged, FLAT)


@pytest.mark.parametrize("what", ["volume", "segmentation"])
def test_what_was_deleted_cannot_be_read(
    scene: slicer.vtkMRMLScene, campaign: CampaignStage, what: str
) -> None:
    staged = campaign.show(prepared(labels=random_labels()))
    scene.RemoveNode(getattr(staged, what))
    for read in (campaign.labels, campaign.unassigned):
        with pytest.raises(InvalidLabelmapError, match=f"the {what} of series 'case_1' is no long"):
            read(staged, FLAT)


def crowd(scene: slicer.vtkMRMLScene) -> None:
    """Other nodes, some with the names of those of the campaign."""
    for name in ("case_1", "other"):
        volume = add_volume(scene)
        volume.SetName(name)
        volume.CreateDefaultDisplayNodes()
        add_segmentation(scene, volume, "liver", "notes").SetName(f"{name} segmentation")
        markup = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
        markup.CreateDefaultDisplayNodes()
        markup.AddControlPointWorld(1, 2, 3)


def test_only_what_the_campaign_brought_leaves(
    scene: slicer.vtkMRMLScene, campaign: CampaignStage, nodes: Callable[[], dict[str, str]]
) -> None:
    crowd(scene)
    # Segmentations and volumes bring nodes of Slicer's own that stay.
    campaign.remove(campaign.show(prepared()))
    before = nodes()
    kept = campaign.show(prepared(labels=random_labels()))
    staged = campaign.show(prepared(labels=random_labels()))
    staged.segmentation.AddDefaultStorageNode()
    staged.volume.AddDefaultStorageNode()
    campaign.remove(staged)
    assert not scene.IsNodePresent(staged.volume)
    np.testing.assert_array_equal(campaign.labels(kept, FLAT), random_labels())
    campaign.remove(kept)
    assert nodes() == before
    campaign.remove(kept)
    assert nodes() == before


def test_a_segmentation_leaves_before_its_display_and_its_volume(
    scene: slicer.vtkMRMLScene, campaign: CampaignStage
) -> None:
    staged = campaign.show(prepared())
    removed = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def note(_scene: object, _event: str, node: slicer.vtkMRMLNode) -> None:
        removed.append(node.GetClassName())

    observer = scene.AddObserver(slicer.vtkMRMLScene.NodeRemovedEvent, note)
    campaign.remove(staged)
    scene.RemoveObserver(observer)
    assert removed == [
        "vtkMRMLSegmentationNode",
        "vtkMRMLSegmentationDisplayNode",
        "vtkMRMLScalarVolumeNode",
        "vtkMRMLScalarVolumeDisplayNode",
    ]


@pytest.mark.parametrize("what", ["volume", "segmentation", "both"])
def test_what_the_user_deleted_is_no_obstacle(
    scene: slicer.vtkMRMLScene,
    campaign: CampaignStage,
    nodes: Callable[[], dict[str, str]],
    what: str,
) -> None:
    crowd(scene)
    campaign.remove(campaign.show(prepared()))
    before = nodes()
    staged = campaign.show(prepared())
    for name in ("volume", "segmentation") if what == "both" else (what,):
        scene.RemoveNode(getattr(staged, name))
    campaign.remove(staged)
    assert nodes() == before


def test_a_closed_scene_is_no_obstacle(
    scene: slicer.vtkMRMLScene, campaign: CampaignStage, nodes: Callable[[], dict[str, str]]
) -> None:
    staged = campaign.show(prepared())
    scene.Clear()
    # New nodes get the IDs of those that are gone.
    crowd(scene)
    before = nodes()
    campaign.remove(staged)
    assert nodes() == before
    campaign.show(prepared(labels=random_labels()))
