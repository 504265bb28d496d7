"""Session and segments stay in step: clicks, other tools' edits, the editor's undo and redo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer
import vtk

from SAIMCore.errors import GeometryMismatchError, InvalidImageError
from SAIMCore.interactions import Click
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.mrml.slice_writer import SliceWriter
from SAIMCore.session.interactive import InteractiveSession
from Testing.mrml.annotation_desk import CLASSES, KIDNEY, LIVER, TUMOR, Desk, same
from Testing.mrml.disk_predictor import DiskPredictor


@pytest.fixture
def desk(scene: slicer.vtkMRMLScene) -> Desk:
    return Desk(scene)


@pytest.fixture
def bare_desk(scene: slicer.vtkMRMLScene) -> Desk:
    return Desk(scene, with_editor=False)


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


def test_an_edit_on_another_slice_while_the_network_is_asked_is_noticed(desk: Desk) -> None:
    desk.annotation.add(Click(2, 4, 4, LIVER))
    desk.annotation.follow()
    answer = desk.session.add(Click(1, 5, 5, LIVER))
    box = (slice(2, 3), slice(12, 16), slice(12, 16))
    desk.paint("kidney", box)
    desk.annotation.show(answer)
    assert (desk.labels(2)[12:16, 12:16] == KIDNEY).all()
    assert desk.content()["liver"][1, 5, 5]
    desk.annotation.add(Click(2, 18, 2, LIVER))
    assert desk.content()["kidney"][box].all()
    # The paint came before the answer, and is undone after it.
    for clicks_there, painted in ((1, True), (0, True), (0, False)):
        desk.logic.Undo()
        desk.annotation.follow()
        assert len(desk.clicks()[1]) == clicks_there
        assert desk.content()["kidney"][box].all() == painted
    assert len(desk.clicks()[2]) == 1


@pytest.mark.parametrize("asked", [1, 2])
def test_an_undo_while_the_network_is_asked_drops_the_answer(desk: Desk, asked: int) -> None:
    before = desk.content()
    desk.annotation.add(Click(2, 4, 4, LIVER))
    desk.annotation.follow()
    answer = desk.session.add(Click(asked, 12, 12, LIVER))
    desk.logic.Undo()
    desk.annotation.show(answer)
    assert same(desk.content(), before)
    assert desk.clicks() == [(), (), (), ()]
    desk.logic.Redo()
    desk.annotation.follow()
    assert desk.clicks() == [(), (), (Click(2, 4, 4, LIVER),), ()]
    assert desk.content()["liver"][2, 4, 4]


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


def test_a_write_that_fails_halfway_is_taken_back(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = bare_desk
    for row in (5, 8):
        desk.annotation.add(Click(1, row, 5, LIVER))
    desk.annotation.undo()
    before = desk.content()
    result = desk.session.segment_series()
    assert result is not None
    painted = (slice(0, 1), slice(2, 5), slice(2, 5))
    desk.paint("kidney", painted)
    with_paint = desk.content()
    write = SliceWriter.write

    def failing(self: SliceWriter, slice_index: int, *arguments: Any) -> bool:
        if slice_index == 3:
            raise MemoryError
        # The predictor answers untouched slices with background: let there be something.
        labels = np.full_like(arguments[0], KIDNEY)
        return write(self, slice_index, labels, *arguments[1:])

    with monkeypatch.context() as patch:
        patch.setattr(SliceWriter, "write", failing)
        with pytest.raises(MemoryError):
            desk.annotation.show(result)
    assert same(desk.content(), with_paint)
    assert not desk.annotation.can_redo
    # What was painted meanwhile is still an edit, and the only step after the first click.
    assert desk.annotation.follow()
    assert (desk.labels(0)[2:5, 2:5] == KIDNEY).all()
    desk.annotation.undo()
    assert same(desk.content(), before)
    desk.annotation.undo()
    assert not desk.annotation.can_undo
    assert not any(stack.any() for stack in desk.content().values())


def test_as_many_steps_can_be_undone_as_the_session_remembers(bare_desk: Desk) -> None:
    desk = bare_desk
    images = np.zeros(desk.grid.shape, dtype=np.float16)
    session = InteractiveSession(DiskPredictor(CLASSES), images, "series", undo_limit=2)
    annotation = SeriesAnnotation(session, desk.segments, desk.grid)
    for row in (4, 9, 14):
        annotation.add(Click(1, row, row, LIVER))
    assert annotation.undo() is not None
    assert annotation.undo() is not None
    assert annotation.undo() is None
    assert session.interactions(1) == (Click(1, 4, 4, LIVER),)


def test_a_session_of_another_series_is_refused(desk: Desk) -> None:
    other = InteractiveSession(
        DiskPredictor(CLASSES), np.zeros((3, 20, 24), dtype=np.float16), "other"
    )
    with pytest.raises(InvalidImageError, match="open the series that belongs to it"):
        SeriesAnnotation(other, desk.segments, desk.grid)
