"""What a view shows of the effect when it arrives at a slice, and when the effect rests."""

from __future__ import annotations

import numpy as np

from SAIMCore.errors import CheckpointError
from SAIMCore.mrml.effect_options import EffectOptions
from Testing.mrml.effect_stage import Stage, nodes


def test_arriving_shows_the_markers_of_the_slice_and_predicts_if_wished(stage: Stage) -> None:
    stage.effect.arrive(1)
    stage.click(1, 5, 5)
    stage.settle()
    stage.effect.arrive(2)
    assert stage.dots() == 0
    assert not stage.effect.busy
    stage.effect.options = EffectOptions(predict_on_arrival=True)
    stage.effect.arrive(3)
    stage.settle()
    assert stage.session.result(3).stored is not None
    stage.effect.arrive(1)
    assert not stage.effect.busy
    assert stage.dots() == 1


def test_arriving_while_the_network_is_busy_is_not_forgotten(stage: Stage) -> None:
    stage.effect.options = EffectOptions(predict_on_arrival=True)
    stage.click(1, 5, 5)
    stage.effect.arrive(2)
    stage.effect.arrive(3)
    stage.settle()
    assert stage.session.result(2).stored is None
    assert stage.session.result(3).stored is not None


def test_a_prediction_on_arrival_that_fails_is_tried_once(stage: Stage) -> None:
    stage.effect.options = EffectOptions(predict_on_arrival=True)
    asked = stage.fail_with(CheckpointError("no memory left"))
    stage.effect.arrive(2)
    stage.settle()
    assert stage.host.complaints == ["no memory left"]
    assert len(asked) == 1
    stage.effect.arrive(2)
    stage.settle()
    assert len(asked) == 2


def test_undo_keeps_the_slice_that_is_shown(stage: Stage) -> None:
    stage.effect.arrive(1)
    stage.click(1, 5, 5)
    stage.settle()
    stage.effect.arrive(2)
    stage.click(2, 5, 5)
    stage.click(2, 9, 9)
    stage.settle()
    stage.effect.arrive(1)
    stage.effect.undo()
    assert stage.dots() == 1


def test_uncertainty_lies_over_predicted_slices_only(stage: Stage) -> None:
    (view,) = stage.host.views
    stage.effect.arrive(1)
    stage.effect.shows_uncertainty = True
    assert view.GetForegroundVolumeID() is None
    stage.click(1, 5, 5)
    stage.settle()
    overlay = stage.scene.GetFirstNodeByName("SAIM uncertainty")
    assert view.GetForegroundVolumeID() == overlay.GetID()
    stage.effect.arrive(2)
    assert view.GetForegroundVolumeID() is None
    stage.effect.arrive(1)
    stage.effect.shows_uncertainty = False
    assert view.GetForegroundVolumeID() is None


def test_resting_finishes_what_was_asked_for_and_drops_proposals(stage: Stage) -> None:
    stage.click(1, 5, 5)
    stage.click(2, 5, 5)
    stage.effect.segment_series()
    stage.effect.toggle_accepted(2)
    stage.later.run()
    stage.later.at_once = True
    stage.effect.rest()
    assert stage.segment("liver")[[1, 2], 5, 5].all()
    assert stage.session.accepted_slices == (2,)
    assert stage.session.result(0).stored is None
    assert not stage.effect.busy


def test_an_arrival_before_resting_predicts_nothing_afterwards(stage: Stage) -> None:
    stage.effect.options = EffectOptions(predict_on_arrival=True)
    stage.click(1, 5, 5)
    stage.effect.arrive(2)
    stage.later.at_once = True
    stage.later.run()
    stage.effect.rest()
    stage.effect.ask(lambda: None, lambda _: None)
    stage.settle()
    assert stage.session.result(2).stored is None


def test_what_was_segmented_by_hand_is_not_predicted_on_arrival(stage: Stage) -> None:
    by_hand = np.zeros((2, *stage.grid.shape[1:]), dtype=bool)
    by_hand[0, 3:9, 3:9] = True
    stage.effect.annotation._writer.restore(2, by_hand)
    stage.effect.look()
    stage.effect.options = EffectOptions(predict_on_arrival=True)
    stage.effect.arrive(2)
    stage.settle()
    assert (stage.segment("liver")[2] == by_hand[0]).all()


def test_resting_after_the_segmentation_was_deleted(stage: Stage) -> None:
    stage.click(1, 5, 5)
    stage.click(2, 5, 5)
    stage.later.run()
    stage.scene.RemoveNode(stage.node)
    stage.effect.rest()
    assert stage.host.complaints == []


def test_resting_takes_everything_of_it_out_of_the_scene(stage: Stage) -> None:
    before = nodes(stage.scene)
    stage.effect.arrive(1)
    stage.effect.shows_uncertainty = True
    stage.click(1, 5, 5)
    stage.settle()
    assert nodes(stage.scene) > before
    stage.effect.rest()
    assert nodes(stage.scene) == before
