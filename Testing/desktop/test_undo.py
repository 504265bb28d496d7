"""The editor's own undo and redo, and other tools of the editor."""

from __future__ import annotations

import numpy as np

from Testing.desktop.workplace import EFFECT, Workplace
from Testing.mrml.scenes import paint

LIVER = 1


def test_undo_and_redo_take_the_clicks_along(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    first = opened.voxels("liver")
    opened.click(20, 21)
    opened.settle()
    second = opened.voxels("liver")
    clicks = opened.session.interactions(0)
    opened.editor.undo()
    opened.look()
    assert opened.session.interactions(0) == clicks[:1]
    np.testing.assert_array_equal(opened.voxels("liver"), first)
    opened.editor.redo()
    opened.look()
    assert opened.session.interactions(0) == clicks
    np.testing.assert_array_equal(opened.voxels("liver"), second)


def test_all_is_undone_step_by_step(opened: Workplace) -> None:
    for place in ((8, 9), (20, 21), (15, 4)):
        opened.click(*place)
        opened.settle()
    counts = []
    while opened.editor.logic.CanUndo():
        opened.editor.undo()
        opened.look()
        counts.append(len(opened.session.interactions(0)))
    assert counts == [2, 1, 0]
    assert not opened.voxels("liver").any()


def test_an_undo_while_the_session_is_kept_is_followed_afterwards(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    opened.look()
    opened.effect.onKeep()
    opened.editor.undo()
    # What the timer does before the worker is done.
    assert opened.effect.desk.busy
    opened.effect.onLook()
    assert len(opened.session.interactions(0)) == 1
    opened.look()
    assert not opened.effect.desk.busy
    assert opened.session.interactions(0) == ()


def erase_liver(opened: Workplace) -> None:
    """With a tool of Slicer's."""
    empty = np.zeros_like(opened.voxels("liver"))
    paint(opened.segmentation, opened.segment_id("liver"), empty, opened.volume)


def test_an_edit_with_another_tool_is_taken_in(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    opened.editor.activate(None)
    opened.settle()
    erase_liver(opened)
    assert (opened.session.result(0).labels == LIVER).any()
    opened.editor.activate(EFFECT)
    assert not (opened.session.result(0).labels == LIVER).any()


def test_an_edit_while_the_effect_is_used_is_taken_in(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    opened.look()
    erase_liver(opened)
    # Not in the middle of the edit.
    assert opened.effect._lookTimer.active
    assert (opened.session.result(0).labels == LIVER).any()
    opened.look()
    assert not (opened.session.result(0).labels == LIVER).any()
