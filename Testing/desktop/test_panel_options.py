"""The options of the effect: what its boxes switch on, and what is said of marks."""

from __future__ import annotations

import pytest

from SAIMCore.session.conditioning import SliceConditioning
from Testing.desktop.workplace import EFFECT, Workplace


def test_the_overlay_follows_its_box_and_its_key(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    assert opened.composite.GetForegroundVolumeID() is None
    opened.ui.uncertaintyBox.click()
    overlay = opened.host.scene.GetFirstNodeByName("SAIM uncertainty")
    assert opened.composite.GetForegroundVolumeID() == overlay.GetID()
    opened.effect.do("toggle_uncertainty")
    assert opened.composite.GetForegroundVolumeID() is None
    assert not opened.ui.uncertaintyBox.checked


def test_slices_are_segmented_on_arrival_if_wished(opened: Workplace) -> None:
    opened.ui.nextButton.click()
    opened.settle()
    assert opened.session.result(1).stored is None
    opened.ui.arrivalBox.click()
    opened.settle()
    assert opened.session.result(1).stored is not None
    opened.ui.nextButton.click()
    opened.settle()
    assert opened.session.result(2).stored is not None


def test_the_neighbor_seeds_a_slice_if_wished(opened: Workplace) -> None:
    opened.ui.neighborBox.click()
    assert opened.session.start_from_neighbor
    opened.ui.neighborBox.click()
    assert not opened.session.start_from_neighbor


def test_a_drag_is_a_box_where_that_is_ticked(opened: Workplace) -> None:
    opened.ui.boxesBox.click()
    assert opened.effect.desk.options.draws_boxes
    opened.effect.do("toggle_boxes")
    assert not opened.ui.boxesBox.checked


def conditioning(opened: Workplace) -> SliceConditioning | None:
    """How the next answer is made to agree with the marks, and was."""
    opened.click(8, 9)
    opened.settle()
    return opened.session.conditioning


def test_the_network_agrees_with_the_marks_if_wished(opened: Workplace) -> None:
    ui = opened.ui
    assert not ui.conditionedBox.checked
    assert ui.conditionedFrame.isHidden()
    assert conditioning(opened) is None
    ui.conditionedBox.click()
    assert not ui.conditionedFrame.isHidden()
    assert not ui.thresholdBox.enabled
    assert conditioning(opened) == SliceConditioning()
    ui.growBox.click()
    assert ui.thresholdBox.enabled
    assert ui.reachBox.enabled
    assert conditioning(opened) == SliceConditioning(threshold=0.2, reach=10)
    ui.thresholdBox.value = 0.75
    ui.reachBox.value = 4
    assert conditioning(opened) == SliceConditioning(threshold=0.75, reach=4)
    ui.conditionedBox.click()
    assert ui.conditionedFrame.isHidden()
    assert conditioning(opened) is None


def test_what_was_chosen_is_there_again_when_the_mode_is(opened: Workplace) -> None:
    ui = opened.ui
    ui.conditionedBox.click()
    ui.growBox.click()
    ui.reachBox.value = 4
    ui.conditionedBox.click()
    ui.conditionedBox.click()
    assert ui.growBox.checked
    assert ui.reachBox.value == 4
    assert conditioning(opened) == SliceConditioning(threshold=0.2, reach=4)


def test_options_outlive_the_use_of_another_tool(opened: Workplace) -> None:
    opened.ui.conditionedBox.click()
    opened.ui.boxesBox.click()
    opened.editor.activate(None)
    opened.editor.activate(EFFECT)
    opened.settle()
    assert opened.ui.conditionedBox.checked
    assert opened.ui.boxesBox.checked
    assert conditioning(opened) == SliceConditioning()


def test_an_igniter_agrees_whatever_is_ticked(
    opened: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SAIMCore.mrml.click_effect import ClickEffect

    monkeypatch.setattr(ClickEffect, "always_conditioned", True)
    opened.effect.refresh()
    assert opened.ui.conditionedBox.checked
    assert not opened.ui.conditionedBox.enabled
    assert not opened.ui.conditionedFrame.isHidden()
    opened.ui.growBox.click()
    assert conditioning(opened) == SliceConditioning(threshold=0.2, reach=10)
    monkeypatch.setattr(ClickEffect, "always_conditioned", False)
    opened.effect.refresh()
    assert not opened.ui.conditionedBox.checked
    assert conditioning(opened) is None


def test_what_contradicts_an_earlier_mark_is_said(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    assert opened.ui.remarkLabel.isHidden()
    opened.select("kidney")
    opened.click(8, 9)
    opened.settle()
    assert not opened.ui.remarkLabel.isHidden()
    assert "5 pixels got different classes" in opened.ui.remarkLabel.text
    assert "the later one counts" in opened.ui.remarkLabel.text
    # An answer comes with changes of the segments, which are no act of the user.
    opened.look()
    assert not opened.ui.remarkLabel.isHidden()
    opened.ui.nextButton.click()
    assert opened.ui.remarkLabel.isHidden()
