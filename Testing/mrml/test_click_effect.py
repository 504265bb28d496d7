"""What runs when: one thing after the other, in the right thread, and nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.errors import CheckpointError
from SAIMCore.interactions import Click, Stroke
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.click_effect import ClickEffect
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.scenes import add_segmentation, add_volume, voxels

CLASSES = ClassTable.from_names(["background", "liver", "kidney"])
LIVER, KIDNEY = 1, 2
SIZE = (24, 20, 4)


class Later(Executor):
    """Runs what was submitted when the test says so, or ``at_once``."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.at_once = False

    def submit(self, call: Callable[[], Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        self.waiting.append((future, call))
        if self.at_once:
            self.run()
        return future

    def run(self) -> None:
        future, call = self.waiting.pop(0)
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 (as every executor does)
            future.set_exception(error)


class Host:
    def __init__(self, views: list[slicer.vtkMRMLSliceCompositeNode]) -> None:
        self.views = views
        self.complaints: list[str] = []
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def composite_views(self) -> list[slicer.vtkMRMLSliceCompositeNode]:
        return self.views


class Desk:
    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self.scene = scene
        self.volume = add_volume(scene, SIZE)
        self.node = add_segmentation(scene, self.volume)
        self.grid = SliceGrid(self.volume)
        segments = ClassSegments(self.node, CLASSES)
        segments.ensure()
        images = np.zeros(self.grid.shape, dtype=np.float16)
        self.session = InteractiveSession(DiskPredictor(CLASSES), images, "series")
        self.host = Host([scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")])
        self.later = Later()
        annotation = SeriesAnnotation(self.session, segments, self.grid)
        self.effect = ClickEffect(annotation, self.host, scene, self.later)

    def click(self, slice_index: int, row: int, column: int, class_index: int = LIVER) -> bool:
        return bool(self.effect.click([self.grid.point(slice_index, row, column)], class_index))

    def settle(self) -> None:
        """Let the worker do all that waits."""
        while self.effect.busy:
            if self.later.waiting:
                self.later.run()
            self.effect.poll()

    def fail_with(self, error: Exception) -> list[tuple[Any, ...]]:
        """Let the network raise ``error``; what it was asked."""
        asked: list[tuple[Any, ...]] = []

        def fail(*arguments: Any) -> Any:
            asked.append(arguments)
            raise error

        self.session.predictor.probabilities = fail  # type: ignore[method-assign]
        return asked

    def segment(self, name: str) -> np.ndarray:
        segment_id = self.node.GetSegmentation().GetSegmentIdBySegmentName(name)
        return voxels(self.node, segment_id, self.volume)

    def dots(self) -> int:
        nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", self.scene)
        return sum(node.GetNumberOfControlPoints() for node in nodes)


def nodes(scene: slicer.vtkMRMLScene) -> set[str]:
    return {scene.GetNthNode(number).GetID() for number in range(scene.GetNumberOfNodes())}


@pytest.fixture
def desk(scene: slicer.vtkMRMLScene) -> Iterator[Desk]:
    made = Desk(scene)
    yield made
    made.settle()
    made.later.at_once = True
    made.effect.rest()


def test_a_click_is_answered_when_the_worker_is_done(desk: Desk) -> None:
    desk.effect.arrive(1)
    assert desk.click(1, 5, 5)
    assert desk.effect.busy
    assert desk.effect.poll(timeout=0)
    assert not desk.segment("liver").any()
    desk.later.run()
    assert not desk.effect.poll()
    assert desk.segment("liver")[1, 5, 5]
    assert desk.dots() == 1
    assert desk.host.refreshed
    assert desk.host.complaints == []


def test_a_click_beside_the_volume_is_ignored(desk: Desk) -> None:
    assert not desk.click(-1, 5, 5)
    assert not desk.effect.busy


def test_a_drag_is_a_stroke(desk: Desk) -> None:
    points = [desk.grid.point(1, row, 5) for row in (3, 4, 5)]
    assert desk.effect.click(points, LIVER)
    desk.settle()
    assert desk.session.interactions(1) == (Stroke(1, ((3, 5), (4, 5), (5, 5)), LIVER),)


def test_clicks_that_wait_on_one_slice_are_one_round(desk: Desk) -> None:
    desk.click(1, 5, 5)
    desk.click(1, 8, 8)
    desk.click(1, 12, 12, KIDNEY)
    desk.click(2, 3, 3)
    desk.click(1, 15, 15)
    desk.settle()
    assert len(desk.session.interactions(1)) == 4
    for expected in ((1, 3), (2, 3), (2, 1), (0, 1), (0, 0)):
        found = (len(desk.session.interactions(2)), len(desk.session.interactions(1)))
        if expected == (1, 3):
            assert found == (1, 4)
        desk.effect.undo()
        desk.settle()
    assert not desk.effect.annotation.can_undo
    assert desk.session.interactions(1) == ()


def test_rounds_are_undone_one_by_one(desk: Desk) -> None:
    desk.click(1, 5, 5)
    desk.click(1, 8, 8)
    desk.click(1, 12, 12, KIDNEY)
    desk.settle()
    counts = []
    while desk.effect.annotation.can_undo:
        desk.effect.undo()
        desk.settle()
        counts.append(len(desk.session.interactions(1)))
    # The first click was asked at once, the two that came meanwhile together.
    assert counts == [1, 0]
    desk.effect.redo()
    desk.effect.redo()
    assert len(desk.session.interactions(1)) == 3


def test_accept_waits_for_the_click_before_it(desk: Desk) -> None:
    desk.click(1, 5, 5)
    desk.effect.toggle_accepted(1)
    assert desk.session.accepted_slices == ()
    desk.settle()
    assert desk.session.accepted_slices == (1,)
    assert desk.segment("liver")[1, 5, 5]
    desk.effect.toggle_accepted(1)
    assert desk.session.accepted_slices == ()
    desk.effect.reset_slice(1)
    assert not desk.segment("liver").any()
    assert desk.session.interactions(1) == ()


def test_the_series_is_segmented_with_progress_and_without_accepted_slices(desk: Desk) -> None:
    desk.effect.toggle_accepted(2)
    desk.effect.segment_series()
    desk.later.run()
    assert desk.effect.progress == (3, 3)
    desk.effect.poll()
    assert desk.effect.progress is None
    assert [desk.session.result(index).stored is not None for index in range(4)] == [
        True,
        True,
        False,
        True,
    ]


def test_cancel_drops_what_waits(desk: Desk) -> None:
    desk.effect.segment_series()
    desk.click(1, 5, 5)
    desk.effect.cancel()
    desk.settle()
    assert desk.session.interactions(1) == ()
    assert all(desk.session.result(index).stored is None for index in range(4))
    desk.click(1, 5, 5)
    desk.settle()
    assert desk.session.interactions(1) == (Click(1, 5, 5, LIVER),)


def test_what_cannot_be_done_is_said_and_the_rest_goes_on(desk: Desk) -> None:
    desk.effect.toggle_accepted(1)
    desk.effect.segment_slice(1)
    desk.click(2, 5, 5)
    desk.settle()
    assert len(desk.host.complaints) == 1
    assert "slice 1 is accepted" in desk.host.complaints[0]
    assert desk.segment("liver")[2, 5, 5]


def test_arriving_shows_the_markers_of_the_slice_and_predicts_if_wished(desk: Desk) -> None:
    desk.effect.arrive(1)
    desk.click(1, 5, 5)
    desk.settle()
    desk.effect.arrive(2)
    assert desk.dots() == 0
    assert not desk.effect.busy
    desk.effect.predict_on_arrival = True
    desk.effect.arrive(3)
    desk.settle()
    assert desk.session.result(3).stored is not None
    desk.effect.arrive(1)
    assert not desk.effect.busy
    assert desk.dots() == 1


def test_arriving_while_the_network_is_busy_is_not_forgotten(desk: Desk) -> None:
    desk.effect.predict_on_arrival = True
    desk.click(1, 5, 5)
    desk.effect.arrive(2)
    desk.effect.arrive(3)
    desk.settle()
    assert desk.session.result(2).stored is None
    assert desk.session.result(3).stored is not None


def test_a_prediction_on_arrival_that_fails_is_tried_once(desk: Desk) -> None:
    desk.effect.predict_on_arrival = True
    asked = desk.fail_with(CheckpointError("no memory left"))
    desk.effect.arrive(2)
    desk.settle()
    assert desk.host.complaints == ["no memory left"]
    assert len(asked) == 1
    desk.effect.arrive(2)
    desk.settle()
    assert len(asked) == 2


def test_an_error_of_another_kind_reaches_the_host_and_the_rest_goes_on(desk: Desk) -> None:
    desk.fail_with(ZeroDivisionError("unforeseen"))
    desk.effect.segment_series()
    desk.effect.toggle_accepted(2)
    refreshed = desk.host.refreshed
    with pytest.raises(ZeroDivisionError, match="unforeseen"):
        desk.settle()
    assert desk.effect.progress is None
    assert desk.host.refreshed > refreshed
    desk.settle()
    assert desk.session.accepted_slices == (2,)


def test_undo_keeps_the_slice_that_is_shown(desk: Desk) -> None:
    desk.effect.arrive(1)
    desk.click(1, 5, 5)
    desk.settle()
    desk.effect.arrive(2)
    desk.click(2, 5, 5)
    desk.click(2, 9, 9)
    desk.settle()
    desk.effect.arrive(1)
    desk.effect.undo()
    assert desk.dots() == 1


def test_uncertainty_lies_over_predicted_slices_only(desk: Desk) -> None:
    (view,) = desk.host.views
    desk.effect.arrive(1)
    desk.effect.shows_uncertainty = True
    assert view.GetForegroundVolumeID() is None
    desk.click(1, 5, 5)
    desk.settle()
    overlay = desk.scene.GetFirstNodeByName("SAIM uncertainty")
    assert view.GetForegroundVolumeID() == overlay.GetID()
    desk.effect.arrive(2)
    assert view.GetForegroundVolumeID() is None
    desk.effect.arrive(1)
    desk.effect.shows_uncertainty = False
    assert view.GetForegroundVolumeID() is None


def test_another_model_answers_the_clicks_after_it(desk: Desk) -> None:
    other = DiskPredictor(CLASSES)
    other.version = "newer"
    desk.click(1, 5, 5)
    desk.effect.set_predictor(other)
    desk.click(2, 5, 5)
    desk.settle()
    assert desk.session.predictor is other
    assert len(desk.session.interactions(1)) == len(desk.session.interactions(2)) == 1


def test_another_tools_edit_is_taken_in_when_told_to_look(desk: Desk) -> None:
    desk.click(1, 5, 5)
    desk.settle()
    refreshed = desk.host.refreshed
    desk.effect.look()
    assert desk.host.refreshed == refreshed
    desk.effect.annotation._writer.restore(1, np.zeros((2, *desk.grid.shape[1:]), dtype=bool))
    desk.effect.look()
    assert desk.host.refreshed == refreshed + 1
    assert not desk.session.result(1).labels.any()


def test_resting_finishes_what_was_asked_for_and_drops_proposals(desk: Desk) -> None:
    desk.click(1, 5, 5)
    desk.click(2, 5, 5)
    desk.effect.segment_series()
    desk.effect.toggle_accepted(2)
    desk.later.run()
    desk.later.at_once = True
    desk.effect.rest()
    assert desk.segment("liver")[[1, 2], 5, 5].all()
    assert desk.session.accepted_slices == (2,)
    assert desk.session.result(0).stored is None
    assert not desk.effect.busy


def test_an_arrival_before_resting_predicts_nothing_afterwards(desk: Desk) -> None:
    desk.effect.predict_on_arrival = True
    desk.click(1, 5, 5)
    desk.effect.arrive(2)
    desk.later.at_once = True
    desk.later.run()
    desk.effect.rest()
    desk.effect.ask(lambda: None, lambda _: None)
    desk.settle()
    assert desk.session.result(2).stored is None


def test_what_was_segmented_by_hand_is_not_predicted_on_arrival(desk: Desk) -> None:
    by_hand = np.zeros((2, *desk.grid.shape[1:]), dtype=bool)
    by_hand[0, 3:9, 3:9] = True
    desk.effect.annotation._writer.restore(2, by_hand)
    desk.effect.look()
    desk.effect.predict_on_arrival = True
    desk.effect.arrive(2)
    desk.settle()
    assert (desk.segment("liver")[2] == by_hand[0]).all()


def test_resting_after_the_segmentation_was_deleted(desk: Desk) -> None:
    desk.click(1, 5, 5)
    desk.click(2, 5, 5)
    desk.later.run()
    desk.scene.RemoveNode(desk.node)
    desk.effect.rest()
    assert desk.host.complaints == []


def test_resting_takes_everything_of_it_out_of_the_scene(desk: Desk) -> None:
    before = nodes(desk.scene)
    desk.effect.arrive(1)
    desk.effect.shows_uncertainty = True
    desk.click(1, 5, 5)
    desk.settle()
    assert nodes(desk.scene) > before
    desk.effect.rest()
    assert nodes(desk.scene) == before


def test_the_network_is_asked_in_a_thread_of_its_own(scene: slicer.vtkMRMLScene) -> None:
    desk = Desk(scene)
    annotation = desk.effect.annotation
    executor = ThreadPoolExecutor(1)
    effect = ClickEffect(annotation, desk.host, scene, executor)
    threads = []
    predictor = annotation.session.predictor
    answer = predictor.probabilities

    def noted(*arguments: Any) -> Any:
        threads.append(threading.current_thread())
        return answer(*arguments)

    predictor.probabilities = noted
    effect.click([desk.grid.point(1, 5, 5)], LIVER)
    while effect.poll(timeout=1):
        pass
    effect.rest()
    executor.shutdown()
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert desk.segment("liver")[1, 5, 5]
