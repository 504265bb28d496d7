"""What runs when: one thing after the other, in the right thread, and nothing lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import slicer

from SAIMCore.interactions import Click, Stroke
from SAIMCore.mrml.click_effect import ClickEffect
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
