"""What the user does to volumes, segmentations, scene and editor while the effect is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.desktop.workplace import EFFECT, Event, Workplace
from Testing.mrml.scenes import add_segmentation, add_volume


def press(opened: Workplace) -> None:
    """A click that the network is at work on afterwards."""
    opened.click(8, 9)
    assert opened.effect.desk.busy


def test_another_volume_in_the_middle_of_a_prediction(opened: Workplace) -> None:
    press(opened)
    other = add_volume(opened.host.scene, (32, 32, 5))
    opened.editor.set_source_volume(other)
    # What was under way is shown, not lost.
    assert opened.voxels("liver")[0, 8, 9]
    opened.settle()
    assert opened.effect.desk.series.content.volume is other


def test_no_volume_in_the_middle_of_a_prediction(opened: Workplace) -> None:
    press(opened)
    opened.editor.set_source_volume(None)
    opened.settle()
    assert opened.effect.desk.series is None
    assert "Choose a segmentation and a source volume" in opened.ui.statusLabel.text
    assert not opened.ui.sliceFrame.enabled


def test_another_segmentation(opened: Workplace) -> None:
    press(opened)
    other = add_segmentation(opened.host.scene, opened.volume)
    opened.editor.set_segmentation(other)
    assert opened.voxels("liver")[0, 8, 9]
    opened.segmentation = other
    opened.editor.activate(EFFECT)
    opened.settle()
    assert opened.names() == ["liver", "kidney"]
    assert opened.session.interactions(0) == ()


@pytest.mark.parametrize("deleted", ["segmentation", "volume"])
def test_deleting_a_node_in_the_middle_of_a_prediction(opened: Workplace, deleted: str) -> None:
    press(opened)
    opened.host.scene.RemoveNode(getattr(opened, deleted))
    assert opened.effect.desk.series is None
    opened.settle()
    assert not opened.ui.sliceFrame.enabled
    assert opened.ui.messageLabel.isHidden()
    opened.click(8, 9)
    assert "Choose a segmentation and a source volume" in opened.ui.messageLabel.text


def test_closing_the_scene_in_the_middle_of_a_prediction(opened: Workplace) -> None:
    press(opened)
    opened.host.scene.Clear()
    opened.host.process()
    assert opened.effect.desk.series is None
    assert not opened.effect._pollTimer.active


def test_closing_the_scene_while_a_series_is_prepared(workplace: Workplace, model: Path) -> None:
    workplace.editor.activate(EFFECT)
    workplace.ui.modelPath.currentPath = str(model)
    assert workplace.effect.desk.busy
    workplace.host.scene.Clear()
    workplace.settle()
    assert workplace.effect.desk.series is None


def test_a_new_series_after_the_scene_was_closed(opened: Workplace) -> None:
    opened.host.scene.Clear()
    opened.volume = add_volume(opened.host.scene, (32, 32, 5))
    opened.segmentation = add_segmentation(opened.host.scene, opened.volume)
    opened.show()
    opened.editor.activate(EFFECT)
    opened.settle()
    assert opened.names() == ["liver", "kidney"]


def test_a_press_is_forgotten_with_the_effect(opened: Workplace) -> None:
    assert opened.send(Event.LeftButtonPressEvent, (8, 9))
    opened.editor.activate(None)
    opened.editor.activate(EFFECT)
    assert not opened.send(Event.MouseMoveEvent, (8, 10))
    assert not opened.send(Event.LeftButtonReleaseEvent, (8, 10))
    opened.settle()
    assert opened.session.interactions(0) == ()


def test_it_can_be_left_and_used_again(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    before = opened.session
    opened.editor.activate(None)
    opened.settle()
    opened.editor.activate(EFFECT)
    opened.settle()
    assert opened.session is before
    opened.click(10, 11)
    opened.settle()
    assert len(opened.session.interactions(0)) == 2


def test_two_editors_have_effects_of_their_own(opened: Workplace) -> None:
    other = opened.new_editor()
    assert other.effect(EFFECT) is not opened.effect
    assert other.effect(EFFECT).desk is None
    other.close()
    opened.click(8, 9)
    opened.settle()
    assert opened.voxels("liver")[0, 8, 9]
