"""What a user of the effect does, from choosing a model on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.interactions import Box, Click, Stroke
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.effect_commands import COMMANDS
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.mrml.pointer_gesture import Gesture, PointerGesture
from SAIMCore.predictor import Predictor
from SAIMCore.session.conditioning import SliceConditioning
from Testing.mrml.desk_editor import SIZE, Editor
from Testing.mrml.scenes import add_segmentation, add_view, add_volume, editor_logic, voxels


def test_it_says_what_is_missing_step_by_step(editor: Editor, model: Path) -> None:
    desk = editor.desk
    desk.activate()
    assert desk.status == "Choose a model: the folder of a project, or that of a model."
    editor.show(None, None)
    desk.choose(model, "cpu")
    assert desk.status == "Choose a segmentation and a source volume."
    editor.show(editor.volume, None)
    assert desk.status == "Choose a segmentation and a source volume."
    editor.show(editor.volume, editor.node)
    assert desk.status == "Preparing series."
    assert desk.busy
    assert editor.host.awake
    editor.settle()
    assert desk.status.startswith("Model round-007 on CPU")
    assert desk.accepted == (0, 5)
    assert editor.host.complaints == []


def test_an_effect_that_is_not_used_opens_nothing(editor: Editor, model: Path) -> None:
    editor.show(editor.volume, editor.node)
    editor.desk.choose(model, "cpu")
    assert not editor.desk.busy
    assert editor.node.GetSegmentation().GetNumberOfSegments() == 0
    editor.desk.activate()
    editor.settle()


def test_the_segments_of_the_classes_are_made(editor: Editor) -> None:
    editor.open()
    segmentation = editor.node.GetSegmentation()
    names = [segmentation.GetSegment(name).GetName() for name in segmentation.GetSegmentIDs()]
    assert names == ["liver", "kidney"]


def test_the_first_click_has_a_class(editor: Editor) -> None:
    editor.open()
    segment_ids = editor.node.GetSegmentation().GetSegmentIDs()
    assert editor.editor.GetSelectedSegmentID() == segment_ids[0]
    editor.select("kidney")
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.editor.GetSelectedSegmentID() == segment_ids[1]


def test_a_folder_without_a_model_is_refused_and_the_model_before_stays(
    editor: Editor, tmp_path: Path
) -> None:
    editor.open()
    series = editor.desk.series
    assert not editor.desk.choose(tmp_path)
    assert "neither a project" in editor.host.complaints[-1]
    assert editor.desk.series is series


def test_a_click_is_of_the_class_of_the_selected_segment(editor: Editor) -> None:
    editor.open()
    editor.select("kidney")
    editor.click(8, 9)
    editor.settle()
    editor.click(20, 20, background=True)
    editor.settle()
    session = editor.series.session
    assert session.interactions(0) == (Click(0, 8, 9, 2), Click(0, 20, 20, 0))
    assert editor.content()[1, 0, 8, 9]
    assert not editor.content()[:, 0, 20, 20].any()


def test_a_drag_is_a_stroke(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    points = tuple(editor.grid.point(0, row, 4) for row in (3, 4, 5))
    editor.desk.click(Gesture(points))
    editor.settle()
    assert editor.series.session.interactions(0) == (Stroke(0, ((3, 4), (4, 4), (5, 4)), 1),)


def test_a_drag_is_a_box_after_the_command(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    points = tuple(editor.grid.point(0, row, row + 1) for row in (3, 4, 5))
    editor.desk.toggle_boxes()
    assert editor.desk.options.draws_boxes
    editor.desk.click(Gesture(points, background=True))
    editor.desk.toggle_boxes()
    editor.desk.click(Gesture(points))
    editor.settle()
    box, stroke = editor.series.session.interactions(0)
    assert box == Box(0, 3, 4, 5, 6, 0)
    assert isinstance(stroke, Stroke)
    assert editor.desk.remark.startswith("3 pixels got different classes")
    editor.desk.next_slice()
    editor.desk.view_changed(editor.view)
    assert editor.desk.remark == ""


def test_boxes_are_previewed_on_an_open_series_only(editor: Editor) -> None:
    gesture = PointerGesture()
    gesture.press("Red", (0, 0), editor.grid.point(0, 3, 3))
    gesture.move("Red", (9, 9), editor.grid.point(0, 6, 6))
    editor.desk.toggle_boxes()
    editor.desk.preview(gesture)
    assert editor.scene.GetFirstNodeByName("SAIM preview") is None
    editor.open()
    editor.desk.preview(gesture)
    assert editor.scene.GetFirstNodeByName("SAIM preview") is not None


def test_the_network_is_trained_for_a_click_only_where_that_is_wanted(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.open()
    editor.select("liver")
    asked: list[ConditioningOptions] = []
    conditioned = Predictor.conditioned

    def noted(self: Predictor, *given: Any) -> Any:
        asked.append(given[-1])
        return conditioned(self, *given)

    monkeypatch.setattr(Predictor, "conditioned", noted)
    editor.click(8, 9)
    editor.settle()
    assert asked == []
    editor.desk.options = EffectOptions(conditioned=True)
    editor.desk.segment_slice()
    editor.click(20, 9)
    editor.settle()
    assert asked[-1] == ConditioningOptions()
    count = len(asked)
    editor.desk.options = EffectOptions()
    editor.click(14, 9)
    editor.settle()
    assert len(asked) == count
    assert editor.host.complaints == []
    assert not editor.desk.always_conditioned


def test_a_click_with_a_foreign_segment_selected_is_explained(editor: Editor) -> None:
    editor.open()
    editor.node.GetSegmentation().AddEmptySegment("other", "other")
    editor.select("other")
    editor.click(8, 9)
    assert "none of the model's classes (liver, kidney)" in editor.host.complaints[-1]
    assert not editor.desk.busy
    editor.series.segments.assign("other", 1)
    editor.click(8, 9)
    editor.settle()
    assert editor.series.session.interactions(0) == (Click(0, 8, 9, 1),)
    assert voxels(editor.node, "other", editor.volume)[0, 8, 9]


def test_a_click_before_a_model_is_chosen_says_so(editor: Editor) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.click(Gesture((editor.grid.point(0, 1, 1),)))
    assert editor.host.complaints == [
        "Choose a model: the folder of a project, or that of a model."
    ]


def test_numbers_select_segments(editor: Editor) -> None:
    editor.open()
    ids = editor.node.GetSegmentation().GetSegmentIDs()
    editor.desk.select_segment(2)
    assert editor.editor.GetSelectedSegmentID() == ids[1]
    editor.desk.select_segment(9)
    assert editor.editor.GetSelectedSegmentID() == ids[1]


def test_every_command_is_one_of_the_desk(editor: Editor) -> None:
    editor.open()
    assert len({command.key for command in COMMANDS}) == len(COMMANDS)
    # The other way round, because an accepted slice is not segmented.
    for command in reversed(COMMANDS):
        getattr(editor.desk, command.name)()
        editor.settle()
    assert editor.host.complaints == []


def test_slices_are_walked_through_and_accepted(editor: Editor) -> None:
    editor.open()
    desk = editor.desk
    for expected in (1, 2, 3, 4, 4):
        desk.next_slice()
        desk.view_changed(editor.view)
        assert editor.series.effect.slice_index == expected
    desk.previous_slice()
    desk.view_changed(editor.view)
    desk.toggle_accepted()
    assert desk.accepted == (1, 5)
    assert desk.slice_accepted
    desk.toggle_accepted()
    assert desk.accepted == (0, 5)


def test_the_least_certain_slice_is_shown(editor: Editor) -> None:
    editor.open()
    desk = editor.desk
    desk.segment_series()
    editor.settle()
    session = editor.series.session
    expected = session.next_most_uncertain(excluding=0)
    desk.next_uncertain_slice()
    editor.settle()
    desk.view_changed(editor.view)
    assert editor.series.effect.slice_index == expected


def test_options_outlive_the_series(editor: Editor) -> None:
    editor.open()
    editor.desk.options = EffectOptions(
        predict_on_arrival=True,
        shows_uncertainty=True,
        start_from_neighbor=True,
        draws_boxes=True,
        conditioned=True,
        grows=True,
        growth_threshold=0.7,
        growth_reach=3,
    )
    editor.settle()
    first = editor.desk.series
    assert first is not None
    assert first.session.result(0).stored is not None
    assert editor.composite.GetForegroundVolumeID() is not None
    other = add_volume(editor.scene, SIZE)
    other_node = add_segmentation(editor.scene, other)
    editor.show(other, other_node)
    assert editor.composite.GetForegroundVolumeID() is None
    editor.settle()
    assert editor.desk.series is not first
    assert editor.series.session.start_from_neighbor
    assert editor.series.effect.options == editor.desk.options
    editor.click(8, 9)
    editor.settle()
    assert editor.series.session.conditioning == SliceConditioning(threshold=0.7, reach=3)


def test_a_renamed_segment_stays_its_class(editor: Editor) -> None:
    segment_id = editor.node.GetSegmentation().AddEmptySegment("mine", "Liver")
    editor.open()
    editor.select("Liver")
    editor.click(8, 9)
    editor.settle()
    editor.desk.toggle_accepted()
    editor.node.GetSegmentation().GetSegment(segment_id).SetName("liver, left lobe")
    editor.desk.segments_changed()
    assert editor.desk.accepted == (1, 5)
    editor.desk.next_slice()
    editor.desk.view_changed(editor.view)
    editor.click(8, 9)
    editor.settle()
    assert voxels(editor.node, segment_id, editor.volume)[[0, 1], 8, 9].all()
    assert editor.node.GetSegmentation().GetNumberOfSegments() == 2


def test_an_undo_leaves_accepted_slices_accepted(editor: Editor) -> None:
    logic = editor_logic(editor.scene, editor.editor, editor.node, editor.volume)
    editor.desk.activate()
    editor.desk.show(EditorContent(editor.volume, editor.node, editor.editor, logic))
    editor.desk.choose(editor.model, "cpu")
    editor.settle()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.click(20, 20)
    editor.settle()
    for _ in range(2):
        editor.desk.next_slice()
        editor.desk.view_changed(editor.view)
        editor.desk.toggle_accepted()
    assert editor.desk.accepted == (2, 5)
    logic.Undo()
    editor.desk.segments_changed()
    assert editor.series.session.interactions(0) == (Click(0, 8, 9, 1),)
    assert editor.series.session.accepted_slices == (1, 2)
    logic.Redo()
    editor.desk.segments_changed()
    assert len(editor.series.session.interactions(0)) == 2
    assert editor.series.session.accepted_slices == (1, 2)


def test_commands_mean_the_slice_that_was_clicked(editor: Editor) -> None:
    second, _ = add_view(editor.scene, "Slice4", editor.volume, editor.grid)
    editor.open()
    second.JumpSliceByOffsetting(*editor.grid.slice_center(3).tolist())
    editor.desk.view_changed(second)
    editor.select("liver")
    editor.desk.click(Gesture((editor.grid.point(0, 8, 9),)))
    editor.desk.toggle_accepted()
    editor.settle()
    assert editor.series.session.accepted_slices == (0,)
