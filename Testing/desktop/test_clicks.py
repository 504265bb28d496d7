"""What the mouse does in a slice view."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import vtk

from SAIMCore.interactions import Box, Click, Stroke
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.slice_widget import ALT, CONTROL, SHIFT, qMRMLThreeDWidget
from Testing.desktop.workplace import EFFECT, Event, Workplace

LIVER, KIDNEY = 1, 2

NOT_OURS = [
    Event.MiddleButtonPressEvent,
    Event.MiddleButtonReleaseEvent,
    Event.RightButtonPressEvent,
    Event.RightButtonReleaseEvent,
    Event.MouseWheelForwardEvent,
    Event.MouseWheelBackwardEvent,
    Event.KeyPressEvent,
    Event.KeyReleaseEvent,
    Event.CharEvent,
    Event.EnterEvent,
    Event.LeaveEvent,
    Event.MouseMoveEvent,
    Event.LeftButtonReleaseEvent,
]


def test_the_segments_of_the_models_classes_are_made(workplace: Workplace, model: Path) -> None:
    assert workplace.names() == []
    workplace.editor.activate(EFFECT)
    assert "Choose a model" in workplace.ui.statusLabel.text
    assert not workplace.ui.sliceFrame.enabled
    workplace.choose(model)
    assert workplace.names() == ["liver", "kidney"]
    assert workplace.ui.statusLabel.text.startswith("Model round-007 on CPU")
    assert workplace.ui.sliceFrame.enabled


def test_a_click_says_where_the_selected_class_is(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    assert opened.session.interactions(0) == (Click(0, 8, 9, LIVER),)
    assert opened.voxels("liver")[0, 8, 9]
    assert not opened.voxels("liver")[1:].any()
    opened.select("kidney")
    opened.click(20, 21)
    opened.settle()
    assert opened.session.interactions(0)[1:] == (Click(0, 20, 21, KIDNEY),)
    assert opened.voxels("kidney")[0, 20, 21]


def test_it_is_answered_later_so_that_the_view_does_not_wait(opened: Workplace) -> None:
    opened.click(8, 9)
    assert opened.effect.desk.busy
    assert opened.effect._pollTimer.active
    assert not opened.voxels("liver").any()
    opened.settle()
    assert not opened.effect._pollTimer.active


def test_with_ctrl_it_is_the_background(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.click(8, 9, CONTROL)
    opened.settle()
    assert [click.class_index for click in opened.session.interactions(0)] == [LIVER, 0]
    assert not opened.voxels("liver")[0, 8, 9]


def test_a_drag_is_a_stroke(opened: Workplace) -> None:
    opened.drag((5, 4), (5, 5), (5, 6))
    opened.settle()
    assert opened.session.interactions(0) == (Stroke(0, ((5, 4), (5, 5), (5, 6)), LIVER),)
    assert opened.voxels("liver")[0, 5, 4:7].all()


def test_a_drag_is_a_box_where_that_is_chosen(opened: Workplace) -> None:
    opened.ui.boxesBox.click()
    opened.drag((9, 4), (7, 5), (5, 6))
    opened.settle()
    assert opened.session.interactions(0) == (Box(0, 5, 4, 9, 6, LIVER),)
    assert opened.voxels("liver")[0, 5:10, 4:7].all()
    opened.click(20, 21)
    opened.settle()
    assert opened.session.interactions(0)[1:] == (Click(0, 20, 21, LIVER),)


def test_a_box_is_seen_while_it_is_drawn(opened: Workplace) -> None:
    def seen() -> bool:
        nodes = opened.nodes("vtkMRMLMarkupsCurveNode")
        return any(node.GetName() == "SAIM preview" for node in nodes)

    opened.ui.boxesBox.click()
    assert opened.send(Event.LeftButtonPressEvent, (5, 4))
    assert not seen()
    assert opened.send(Event.MouseMoveEvent, (9, 8))
    assert seen()
    assert opened.send(Event.LeftButtonReleaseEvent, (9, 8))
    assert not seen()
    opened.settle()
    opened.send(Event.LeftButtonPressEvent, (15, 14))
    opened.send(Event.MouseMoveEvent, (19, 18))
    opened.editor.activate(None)
    assert not seen()


def test_a_move_of_no_length_is_no_stroke(opened: Workplace) -> None:
    opened.drag((5, 4), (5, 4))
    opened.settle()
    assert opened.session.interactions(0) == (Click(0, 5, 4, LIVER),)


def test_a_fast_second_click_counts(opened: Workplace) -> None:
    opened.click(8, 9)
    # Instead of a press.
    assert opened.send(Event.LeftButtonDoubleClickEvent, (10, 11))
    assert opened.send(Event.LeftButtonReleaseEvent, (10, 11))
    opened.settle()
    assert opened.session.interactions(0) == (Click(0, 8, 9, LIVER), Click(0, 10, 11, LIVER))


@pytest.mark.parametrize("event", NOT_OURS, ids=vtk.vtkCommand.GetStringFromEventId)
def test_slicer_gets_all_other_events(opened: Workplace, event: int) -> None:
    assert not opened.send(event, (8, 9))
    opened.settle()
    assert opened.session.interactions(0) == ()


@pytest.mark.parametrize("keys", [SHIFT, ALT, SHIFT | CONTROL])
def test_slicer_gets_presses_with_shift_and_alt(opened: Workplace, keys: int) -> None:
    for event in (
        Event.LeftButtonPressEvent,
        Event.MouseMoveEvent,
        Event.LeftButtonReleaseEvent,
        Event.LeftButtonDoubleClickEvent,
    ):
        assert not opened.send(event, (8, 9), keys)
    opened.settle()
    assert opened.session.interactions(0) == ()


def test_a_3d_view_is_left_alone(opened: Workplace) -> None:
    other = qMRMLThreeDWidget(opened.node)
    assert not opened.editor.send(other, Event.LeftButtonPressEvent)


def test_a_click_beside_the_volume_does_nothing(opened: Workplace) -> None:
    opened.click(-3, 9)
    opened.settle()
    assert opened.session.interactions(0) == ()
    assert not opened.ui.messageLabel.visible


def test_a_click_without_a_model_says_what_is_missing(workplace: Workplace) -> None:
    workplace.editor.activate(EFFECT)
    workplace.click(8, 9)
    assert "Choose a model" in workplace.ui.messageLabel.text


def test_views_are_followed_from_slice_to_slice(opened: Workplace) -> None:
    opened.node.JumpSliceByOffsetting(*opened.grid.slice_center(3).tolist())
    assert opened.shown == 3
    opened.click(8, 9)
    opened.settle()
    assert opened.session.interactions(3) == (Click(3, 8, 9, LIVER),)
    assert np.flatnonzero(opened.voxels("liver").any(axis=(1, 2))).tolist() == [3]


def test_markers_are_of_the_shown_slice_and_go_with_the_effect(opened: Workplace) -> None:
    def dots() -> int:
        nodes = opened.nodes("vtkMRMLMarkupsFiducialNode")
        return sum(node.GetNumberOfControlPoints() for node in nodes)

    opened.click(8, 9)
    opened.click(10, 9)
    opened.settle()
    assert dots() == 2
    opened.ui.nextButton.click()
    assert dots() == 0
    opened.ui.previousButton.click()
    assert dots() == 2
    opened.editor.activate(None)
    assert opened.nodes("vtkMRMLMarkupsFiducialNode") == []


def test_an_error_of_the_program_is_a_dialog_and_is_printed(
    opened: Workplace, host: SlicerStandIn
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk on fire")

    opened.effect.desk.click = fail
    opened.send(Event.LeftButtonPressEvent, (8, 9))
    # Slicer's own handling takes over.
    assert not opened.send(Event.LeftButtonReleaseEvent, (8, 9))
    (dialog,) = host.dialogs()
    assert "disk on fire" in dialog
    assert [str(error) for error in host.printed()] == ["disk on fire"]
