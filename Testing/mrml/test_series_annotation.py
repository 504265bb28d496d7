"""Session and segments stay in step: clicks, other tools' edits, the editor's undo and redo."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest
import slicer
import vtk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import from_slices, to_slices
from SAIMCore.errors import GeometryMismatchError, InvalidImageError
from SAIMCore.interactions import Click
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.scenes import add_segmentation, add_volume, paint, voxels

CLASSES = ClassTable.from_names(["background", "liver", "tumor<liver", "kidney"])
LIVER, TUMOR, KIDNEY = 1, 2, 3
SIZE = (24, 20, 4)

Stack = NDArray[np.bool_]


class Desk:
    """An annotation as a host has it, with the Segment Editor's logic beside it if asked."""

    def __init__(self, scene: slicer.vtkMRMLScene, *, with_editor: bool = True) -> None:
        self.volume = add_volume(scene, SIZE)
        self.node = add_segmentation(scene, self.volume, "foreign")
        self.grid = SliceGrid(self.volume)
        self.segments = ClassSegments(self.node, CLASSES)
        self.segments.ensure()
        self.editor = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.logic = slicer.vtkSlicerSegmentEditorLogic()
        self.logic.SetMRMLApplicationLogic(scene.application)
        self.logic.SetMRMLScene(scene)
        self.logic.SetSegmentEditorNode(self.editor)
        self.logic.SetSegmentationNode(self.node)
        self.logic.SetSourceVolumeNode(self.volume)
        self.logic.SetMaximumNumberOfUndoStates(100)
        self.with_editor = with_editor
        self.open()

    def open(self) -> None:
        images = np.zeros(self.grid.shape, dtype=np.float16)
        self.session = InteractiveSession(DiskPredictor(CLASSES), images, "series")
        self.annotation = SeriesAnnotation(
            self.session,
            self.segments,
            self.grid,
            self.editor,
            self.logic if self.with_editor else None,
        )

    def paint(self, name: str, box: tuple[slice, slice, slice], value: bool = True) -> bool:
        """Another effect's edit: state saved, then voxels (slice, row, column) set or erased.

        Painting takes the voxels from the segments in the same labelmap. Returns whether there
        was something to do.
        """
        stack = np.zeros(self.grid.shape, dtype=bool)
        stack[box] = True
        if (self.content()[name][stack] == value).all():
            return False
        self.logic.SaveStateForUndo()
        segment_id = self.node.GetSegmentation().GetSegmentIdBySegmentName(name)
        segment = self.node.GetSegmentation().GetSegment(segment_id)
        image = segment.GetRepresentation("Binary labelmap")
        shape = tuple(reversed(image.GetDimensions()))
        if shape != slicer.util.arrayFromVolume(self.volume).shape:
            mask = from_slices(stack, self.grid.axis)
            present = voxels(self.node, segment_id, self.volume)
            paint(
                self.node, segment_id, (present | mask) if value else (present & ~mask), self.volume
            )
            return True
        array = to_slices(vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape), 2)
        if value:
            array[stack] = segment.GetLabelValue()
        else:
            array[stack & (array == segment.GetLabelValue())] = 0
        image.GetPointData().GetScalars().Modified()
        image.Modified()
        segment.Modified()
        return True

    def content(self) -> dict[str, Stack]:
        """Stacks of all segments by name."""
        segmentation = self.node.GetSegmentation()
        return {
            segmentation.GetSegment(segment_id).GetName(): to_slices(
                voxels(self.node, segment_id, self.volume), self.grid.axis
            ).copy()
            for segment_id in segmentation.GetSegmentIDs()
        }

    def labels(self, slice_index: int) -> NDArray[np.uint8]:
        return self.session.result(slice_index).labels

    def clicks(self) -> list[tuple]:
        return [self.session.interactions(index) for index in range(SIZE[2])]


@pytest.fixture
def desk(scene: slicer.vtkMRMLScene) -> Desk:
    return Desk(scene)


@pytest.fixture
def bare_desk(scene: slicer.vtkMRMLScene) -> Desk:
    return Desk(scene, with_editor=False)


def same(first: dict[str, Stack], second: dict[str, Stack]) -> bool:
    return first.keys() == second.keys() and all(
        (first[name] == second[name]).all() for name in first
    )


def test_a_click_shows_all_structures_of_its_slice_and_no_other(desk: Desk) -> None:
    desk.annotation.add(Click(1, 5, 5, LIVER), Click(1, 14, 14, KIDNEY))
    content = desk.content()
    labels = desk.labels(1)
    assert labels[5, 5] == LIVER
    assert (labels == LIVER).sum() >= 49 <= (labels == KIDNEY).sum()
    assert (content["liver"][1] == (labels == LIVER)).all()
    assert (content["kidney"][1] == (labels == KIDNEY)).all()
    assert not any(stack[[0, 2, 3]].any() for stack in content.values())


def test_a_click_on_the_inner_class_punches_no_hole(desk: Desk) -> None:
    desk.annotation.add(Click(1, 8, 8, LIVER))
    desk.annotation.add(Click(1, 8, 8, TUMOR))
    content = desk.content()
    assert content["liver"][1, 8, 8]
    assert content["tumor"][1, 8, 8]


def test_a_paint_is_noticed_and_obeyed_from_then_on(desk: Desk) -> None:
    desk.annotation.add(Click(1, 5, 5, LIVER))
    box = (slice(1, 2), slice(3, 6), slice(12, 20))
    desk.paint("kidney", box)
    assert desk.annotation.follow()
    assert not desk.annotation.follow()
    assert (desk.labels(1)[3:6, 12:20] == KIDNEY).all()
    desk.annotation.add(Click(1, 15, 5, LIVER))
    assert desk.content()["kidney"][box].all()
    assert (desk.labels(1)[3:6, 12:20] == KIDNEY).all()


def test_an_erased_pixel_stays_erased(desk: Desk) -> None:
    desk.annotation.add(Click(1, 5, 5, LIVER))
    box = (slice(1, 2), slice(3, 5), slice(3, 5))
    desk.paint("liver", box, value=False)
    desk.annotation.add(Click(1, 15, 15, KIDNEY))
    assert not desk.content()["liver"][box].any()
    assert not desk.labels(1)[3:5, 3:5].any()


def test_what_was_there_before_seeds_the_prediction_and_may_be_overruled(desk: Desk) -> None:
    box = (slice(2, 3), slice(2, 9), slice(2, 9))
    desk.paint("liver", box)
    desk.open()
    desk.annotation.add(Click(2, 15, 15, KIDNEY))
    assert (desk.labels(2)[2:9, 2:9] == LIVER).all()
    desk.annotation.add(Click(2, 5, 5, KIDNEY))
    assert (desk.labels(2)[4:7, 4:7] == KIDNEY).all()


def test_a_slice_that_only_others_segmented_is_accepted_as_it_is(desk: Desk) -> None:
    desk.paint("liver", (slice(2, 3), slice(2, 9), slice(2, 9)))
    desk.open()
    before = desk.content()
    desk.annotation.adopt(2)
    desk.annotation.show(desk.session.accept_slice(2))
    assert same(desk.content(), before)
    assert (desk.labels(2)[2:9, 2:9] == LIVER).all()


def test_segmenting_the_series_leaves_what_others_segmented(desk: Desk) -> None:
    desk.paint("liver", (slice(2, 3), slice(2, 9), slice(2, 9)))
    desk.open()
    desk.annotation.adopt()
    result = desk.session.segment_series()
    assert result is not None
    desk.annotation.show(result)
    assert desk.content()["liver"][2, 2:9, 2:9].all()


def test_what_is_painted_while_the_network_answers_is_kept(desk: Desk) -> None:
    desk.annotation.add(Click(1, 5, 5, LIVER))
    result = desk.session.add(Click(1, 8, 14, LIVER))
    box = (slice(1, 2), slice(7, 10), slice(13, 16))
    desk.paint("kidney", box)
    desk.annotation.show(result)
    assert desk.content()["kidney"][box].all()
    assert not desk.content()["liver"][box].any()
    assert (desk.labels(1)[7:10, 13:16] == KIDNEY).all()


def test_a_mask_is_no_edit_of_the_users(desk: Desk) -> None:
    desk.paint("foreign", (slice(0, 4), slice(0, 8), slice(0, 24)))
    desk.annotation.add(Click(1, 8, 8, LIVER))
    assert not desk.content()["liver"][1, :8].any()
    assert desk.labels(1)[6, 8] == LIVER
    desk.paint("foreign", (slice(0, 4), slice(0, 8), slice(0, 24)), value=False)
    desk.annotation.add(Click(1, 15, 20, KIDNEY))
    assert desk.content()["liver"][1, 6, 8]


def test_the_editors_undo_takes_clicks_and_memory_along(desk: Desk) -> None:
    states = [(desk.content(), desk.clicks())]
    for row in (4, 9, 14):
        desk.annotation.add(Click(1, row, row, LIVER))
        states.append((desk.content(), desk.clicks()))
    for content, clicks in reversed(states[:-1]):
        desk.logic.Undo()
        assert desk.annotation.follow()
        assert same(desk.content(), content)
        assert desk.clicks() == clicks
    for content, clicks in states[1:]:
        desk.logic.Redo()
        assert desk.annotation.follow()
        assert same(desk.content(), content)
        assert desk.clicks() == clicks


def test_several_undos_between_two_looks_are_all_followed(desk: Desk) -> None:
    for row in (4, 9, 14):
        desk.annotation.add(Click(1, row, row, LIVER))
    desk.logic.Undo()
    desk.logic.Undo()
    desk.annotation.add(Click(2, 5, 5, KIDNEY))
    assert desk.clicks() == [(), (Click(1, 4, 4, LIVER),), (Click(2, 5, 5, KIDNEY),), ()]


def test_without_an_editor_undo_and_redo_are_exact(bare_desk: Desk) -> None:
    desk = bare_desk
    states = [(desk.content(), desk.clicks())]
    for row, kind in ((4, LIVER), (6, TUMOR), (9, KIDNEY)):
        desk.annotation.add(Click(1, row, row, kind))
        states.append((desk.content(), desk.clicks()))
    for content, clicks in reversed(states[:-1]):
        assert desk.annotation.undo() is not None
        assert same(desk.content(), content)
        assert desk.clicks() == clicks
    assert not desk.annotation.can_undo
    assert desk.annotation.undo() is None
    for content, clicks in states[1:]:
        assert desk.annotation.redo() is not None
        assert same(desk.content(), content)
        assert desk.clicks() == clicks
    assert not desk.annotation.can_redo
    assert desk.annotation.redo() is None


def test_undo_is_exact_whatever_masks_were_set_since(bare_desk: Desk) -> None:
    desk = bare_desk
    desk.paint("tumor", (slice(1, 2), slice(0, 3), slice(0, 3)))
    before = desk.content()
    desk.annotation.add(Click(1, 8, 8, LIVER))
    desk.editor.SetMaskSegmentID("foreign")
    desk.editor.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    desk.segments.set_locked(desk.segments.ids[LIVER], True)
    desk.annotation.undo()
    # A tumor outside of the liver is unusual, but it was there.
    assert same(desk.content(), before)


def test_what_seeded_the_session_is_no_step_to_undo(bare_desk: Desk) -> None:
    desk = bare_desk
    desk.paint("liver", (slice(2, 3), slice(2, 9), slice(2, 9)))
    desk.open()
    before = desk.content()
    desk.annotation.add(Click(2, 15, 15, KIDNEY))
    assert desk.annotation.undo() is not None
    assert same(desk.content(), before)
    assert not desk.annotation.can_undo


def test_a_failed_write_leaves_session_and_segments_as_they_were(desk: Desk) -> None:
    desk.annotation.add(Click(1, 5, 5, LIVER))
    before, clicks = desk.content(), desk.clicks()
    bent = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    bent.SetAndObserveTransformToParent(vtk.vtkThinPlateSplineTransform())
    desk.node.SetAndObserveTransformNodeID(bent.GetID())
    with pytest.raises(GeometryMismatchError, match="bent against"):
        desk.annotation.show(desk.session.add(Click(1, 15, 15, LIVER)))
    desk.node.SetAndObserveTransformNodeID(None)
    assert same(desk.content(), before)
    assert desk.clicks() == clicks


def test_a_session_of_another_series_is_refused(desk: Desk) -> None:
    other = InteractiveSession(
        DiskPredictor(CLASSES), np.zeros((3, 20, 24), dtype=np.float16), "other"
    )
    with pytest.raises(InvalidImageError, match="open the series that belongs to it"):
        SeriesAnnotation(other, desk.segments, desk.grid)


# -- random sequences against a plain model ---------------------------------------------------

PLACES = st.tuples(st.integers(0, 3), st.integers(0, 19), st.integers(0, 23))
CLICKS = st.tuples(st.just("click"), PLACES, st.integers(0, 3))
PAINTS = st.tuples(
    st.sampled_from(["paint", "erase"]),
    PLACES,
    st.sampled_from(["liver", "kidney", "tumor", "foreign"]),
)
MOVES = st.tuples(st.sampled_from(["undo", "redo", "follow"]), st.none(), st.none())


@settings(
    # More of them, and new ones every time: SAIM_EXAMPLES=500.
    max_examples=int(os.environ.get("SAIM_EXAMPLES", "30")),
    derandomize="SAIM_EXAMPLES" not in os.environ,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.one_of(CLICKS, PAINTS, MOVES, MOVES), min_size=3, max_size=14))
def test_any_order_of_clicks_edits_undo_and_redo(scene: slicer.vtkMRMLScene, steps: list) -> None:
    """The model is a list of what all segments held, and of the clicks that changed something.

    A host looks after every change, but late: several undos or edits may have come together. Only
    what was undone and then painted over leaves no trace, so there it must have looked in between.
    """
    desk = Desk(scene)
    moved, silent = False, Counter[str]()
    states, clicks, place = [desk.content()], [()], 0
    for kind, where, what in steps:
        if kind == "undo" and place > 0:
            desk.logic.Undo()
            place -= 1
        elif kind == "redo" and place + 1 < len(states):
            desk.logic.Redo()
            place += 1
        elif kind == "follow":
            desk.annotation.follow()
        elif kind == "click":
            click = Click(*where, what)
            desk.annotation.add(click)
            if same(desk.content(), states[place]):
                # The editor has no such step: it comes and goes with another one.
                silent[str(click)] += 1
            else:
                del states[place + 1 :], clicks[place + 1 :]
                states.append(desk.content())
                clicks.append((*clicks[place], click))
                place += 1
        elif kind in ("paint", "erase"):
            if moved:
                desk.annotation.follow()
            box = tuple(slice(start, start + 4) for start in where)
            if desk.paint(what, (slice(where[0], where[0] + 1), *box[1:]), kind == "paint"):
                del states[place + 1 :], clicks[place + 1 :]
                states.append(desk.content())
                clicks.append(clicks[place])
                place += 1
        moved = kind in ("undo", "redo")
        assert same(desk.content(), states[place])
    desk.annotation.follow()
    assert same(desk.content(), states[place])
    kept = Counter(str(click) for of_slice in desk.clicks() for click in of_slice)
    loud = Counter(str(click) for click in clicks[place])
    assert not loud - kept
    assert not kept - loud - silent
