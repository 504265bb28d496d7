"""What runs when: one thing after the other, in the right thread, and nothing lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import slicer

from SAIMCore.interactions import Box, Click, Stroke
from SAIMCore.mrml.click_effect import ClickEffect
from SAIMCore.mrml.effect_options import EffectOptions
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.effect_stage import CLASSES, KIDNEY, LIVER, Stage


def test_a_click_is_answered_when_the_worker_is_done(stage: Stage) -> None:
    stage.effect.arrive(1)
    assert stage.click(1, 5, 5)
    assert stage.effect.busy
    assert stage.effect.poll(timeout=0)
    assert not stage.segment("liver").any()
    stage.later.run()
    assert not stage.effect.poll()
    assert stage.segment("liver")[1, 5, 5]
    assert stage.dots() == 1
    assert stage.host.refreshed
    assert stage.host.complaints == []


def test_a_click_beside_the_volume_is_ignored(stage: Stage) -> None:
    assert not stage.click(-1, 5, 5)
    assert not stage.effect.busy


def test_a_drag_is_a_stroke(stage: Stage) -> None:
    points = [stage.grid.point(1, row, 5) for row in (3, 4, 5)]
    assert stage.effect.click(points, LIVER)
    stage.settle()
    assert stage.session.interactions(1) == (Stroke(1, ((3, 5), (4, 5), (5, 5)), LIVER),)


def drag(stage: Stage, *places: tuple[int, int]) -> list[np.ndarray]:
    return [stage.grid.point(1, *place) for place in places]


def test_a_drag_is_a_box_where_that_is_chosen(stage: Stage) -> None:
    stage.effect.options = EffectOptions(draws_boxes=True)
    assert stage.effect.click(drag(stage, (3, 5), (6, 2), (7, 9)), LIVER)
    assert stage.effect.click(drag(stage, (15, 15)), KIDNEY)
    stage.settle()
    assert stage.session.interactions(1) == (Box(1, 3, 5, 7, 9, LIVER), Click(1, 15, 15, KIDNEY))
    assert stage.segment("liver")[1, 3:8, 5:10].all()
    stage.effect.undo()
    stage.effect.undo()
    assert stage.session.interactions(1) == ()
    assert not stage.segment("liver").any()


def previews(stage: Stage) -> list[slicer.vtkMRMLMarkupsCurveNode]:
    nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsCurveNode", stage.scene)
    return [node for node in nodes if node.GetName() == "SAIM preview"]


def test_a_box_is_seen_while_it_is_drawn(stage: Stage) -> None:
    stage.effect.options = EffectOptions(draws_boxes=True)
    stage.effect.arrive(1)
    stage.effect.preview(drag(stage, (3, 5)))
    assert previews(stage) == []
    stage.effect.preview(drag(stage, (3, 5), (6, 8)))
    assert len(previews(stage)) == 1
    # The network is not asked before it is done.
    assert not stage.effect.busy
    stage.effect.click(drag(stage, (3, 5), (6, 8)), LIVER)
    assert previews(stage) == []
    stage.settle()


def test_strokes_and_drags_outside_are_not_previewed(stage: Stage) -> None:
    stage.effect.arrive(1)
    stage.effect.preview(drag(stage, (3, 5), (6, 8)))
    assert previews(stage) == []
    stage.effect.options = EffectOptions(draws_boxes=True)
    stage.effect.preview(drag(stage, (-3, 5), (6, 8)))
    assert previews(stage) == []
    stage.effect.rest()
    stage.effect.preview(drag(stage, (3, 5), (6, 8)))
    assert previews(stage) == []


def test_what_contradicts_an_earlier_mark_is_said_until_something_else_is_done(
    stage: Stage,
) -> None:
    stage.effect.options = EffectOptions(draws_boxes=True)
    stage.effect.arrive(1)
    stage.effect.click(drag(stage, (3, 5), (7, 9)), LIVER)
    stage.settle()
    assert stage.effect.remark == ""
    stage.effect.click(drag(stage, (7, 9), (9, 12)), KIDNEY)
    assert stage.effect.remark == ""
    stage.settle()
    assert stage.effect.remark == (
        "1 pixel got different classes one after the other; the later one counts"
    )
    assert stage.session.result(1).labels[7, 9] == KIDNEY
    stage.click(1, 16, 2, KIDNEY)
    stage.settle()
    assert stage.effect.remark == "", "what was contradicted before is not said again"


def test_the_remark_goes_with_undo_and_with_the_slice(stage: Stage) -> None:
    def contradict() -> None:
        stage.click(1, 5, 5, LIVER)
        stage.click(1, 5, 5, KIDNEY)
        stage.settle()
        assert "5 pixels got different classes" in stage.effect.remark

    stage.effect.arrive(1)
    contradict()
    stage.effect.undo()
    stage.settle()
    assert stage.effect.remark == ""
    stage.effect.reset_slice(1)
    contradict()
    # Keeping the session is nothing that the user does.
    stage.effect.ask(lambda: None, lambda _: None)
    stage.settle()
    assert stage.effect.remark
    stage.effect.arrive(1)
    assert stage.effect.remark
    stage.effect.arrive(2)
    assert stage.effect.remark == ""


def test_answers_are_conditioned_from_the_next_click_on(stage: Stage) -> None:
    seen = []
    answer = stage.session.predictor.probabilities

    def look(*inputs: Any) -> Any:
        seen.append(stage.session.conditioning)
        return answer(*inputs)

    stage.session.predictor.probabilities = look  # type: ignore[method-assign]
    stage.click(1, 5, 5)
    # While the worker has the session, nothing of it changes.
    wanted = EffectOptions(conditioned=True, grows=True)
    stage.effect.options = wanted
    assert stage.session.conditioning is None
    stage.settle()
    assert seen == [None]
    stage.session.predictor.conditioned = lambda image, memory, *_: look(image, memory)
    stage.click(1, 8, 8)
    stage.settle()
    assert seen == [None, wanted.conditioning()]
    stage.effect.options = EffectOptions()
    stage.click(1, 9, 9)
    stage.settle()
    assert seen[2:] == [None]


def test_clicks_that_wait_on_one_slice_are_one_round(stage: Stage) -> None:
    stage.click(1, 5, 5)
    stage.click(1, 8, 8)
    stage.click(1, 12, 12, KIDNEY)
    stage.click(2, 3, 3)
    stage.click(1, 15, 15)
    stage.settle()
    assert len(stage.session.interactions(1)) == 4
    for expected in ((1, 3), (2, 3), (2, 1), (0, 1), (0, 0)):
        found = (len(stage.session.interactions(2)), len(stage.session.interactions(1)))
        if expected == (1, 3):
            assert found == (1, 4)
        stage.effect.undo()
        stage.settle()
    assert not stage.effect.annotation.can_undo
    assert stage.session.interactions(1) == ()


def test_rounds_are_undone_one_by_one(stage: Stage) -> None:
    stage.click(1, 5, 5)
    stage.click(1, 8, 8)
    stage.click(1, 12, 12, KIDNEY)
    stage.settle()
    counts = []
    while stage.effect.annotation.can_undo:
        stage.effect.undo()
        stage.settle()
        counts.append(len(stage.session.interactions(1)))
    # The first click was asked at once, the two that came meanwhile together.
    assert counts == [1, 0]
    stage.effect.redo()
    stage.effect.redo()
    assert len(stage.session.interactions(1)) == 3


def test_accept_waits_for_the_click_before_it(stage: Stage) -> None:
    stage.click(1, 5, 5)
    stage.effect.toggle_accepted(1)
    assert stage.session.accepted_slices == ()
    stage.settle()
    assert stage.session.accepted_slices == (1,)
    assert stage.segment("liver")[1, 5, 5]
    stage.effect.toggle_accepted(1)
    assert stage.session.accepted_slices == ()
    stage.effect.reset_slice(1)
    assert not stage.segment("liver").any()
    assert stage.session.interactions(1) == ()


def test_the_series_is_segmented_with_progress_and_without_accepted_slices(
    stage: Stage,
) -> None:
    stage.effect.toggle_accepted(2)
    stage.effect.segment_series()
    stage.later.run()
    assert stage.effect.progress == (3, 3)
    stage.effect.poll()
    assert stage.effect.progress is None
    assert [stage.session.result(index).stored is not None for index in range(4)] == [
        True,
        True,
        False,
        True,
    ]


def test_cancel_drops_what_waits(stage: Stage) -> None:
    stage.effect.segment_series()
    stage.click(1, 5, 5)
    stage.effect.cancel()
    stage.settle()
    assert stage.session.interactions(1) == ()
    assert all(stage.session.result(index).stored is None for index in range(4))
    stage.click(1, 5, 5)
    stage.settle()
    assert stage.session.interactions(1) == (Click(1, 5, 5, LIVER),)


def test_what_cannot_be_done_is_said_and_the_rest_goes_on(stage: Stage) -> None:
    stage.effect.toggle_accepted(1)
    stage.effect.segment_slice(1)
    stage.click(2, 5, 5)
    stage.settle()
    assert len(stage.host.complaints) == 1
    assert "slice 1 is accepted" in stage.host.complaints[0]
    assert stage.segment("liver")[2, 5, 5]


def test_an_error_of_another_kind_reaches_the_host_and_the_rest_goes_on(stage: Stage) -> None:
    stage.fail_with(ZeroDivisionError("unforeseen"))
    stage.effect.segment_series()
    stage.effect.toggle_accepted(2)
    refreshed = stage.host.refreshed
    with pytest.raises(ZeroDivisionError, match="unforeseen"):
        stage.settle()
    assert stage.effect.progress is None
    assert stage.host.refreshed > refreshed
    stage.settle()
    assert stage.session.accepted_slices == (2,)


def test_another_model_answers_the_clicks_after_it(stage: Stage) -> None:
    other = DiskPredictor(CLASSES)
    other.version = "newer"
    stage.click(1, 5, 5)
    stage.effect.set_predictor(other)
    stage.click(2, 5, 5)
    stage.settle()
    assert stage.session.predictor is other
    assert len(stage.session.interactions(1)) == len(stage.session.interactions(2)) == 1


def test_another_tools_edit_is_taken_in_when_told_to_look(stage: Stage) -> None:
    stage.click(1, 5, 5)
    stage.settle()
    refreshed = stage.host.refreshed
    stage.effect.look()
    assert stage.host.refreshed == refreshed
    stage.effect.annotation._writer.restore(1, np.zeros((2, *stage.grid.shape[1:]), dtype=bool))
    stage.effect.look()
    assert stage.host.refreshed == refreshed + 1
    assert not stage.session.result(1).labels.any()


def test_the_network_is_asked_in_a_thread_of_its_own(scene: slicer.vtkMRMLScene) -> None:
    stage = Stage(scene)
    annotation = stage.effect.annotation
    executor = ThreadPoolExecutor(1)
    effect = ClickEffect(annotation, stage.host, scene, executor)
    threads = []
    predictor = annotation.session.predictor
    answer = predictor.probabilities

    def noted(*arguments: Any) -> Any:
        threads.append(threading.current_thread())
        return answer(*arguments)

    predictor.probabilities = noted
    effect.click([stage.grid.point(1, 5, 5)], LIVER)
    while effect.poll(timeout=1):
        pass
    effect.rest()
    executor.shutdown()
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert stage.segment("liver")[1, 5, 5]
