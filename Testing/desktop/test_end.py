"""What an editor leaves behind when it is deleted: nothing."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import slicer
from PySide6.QtGui import QShortcut

from Testing.desktop.workplace import Event, Workplace


def observers(workplace: Workplace) -> list[int]:
    """How many watch the nodes that the effect watches, as VTK prints them."""
    watched = (
        workplace.editor.node,
        workplace.segmentation.GetSegmentation(),
        workplace.host.scene,
    )
    return [str(each).count("vtkObserver (") for each in watched]


def end(workplace: Workplace) -> None:
    """Delete the editor, and what Slicer itself holds: the last effect, for the user's console."""
    workplace.editor.close()
    workplace.host.process()
    del slicer.SAIMSegmentEditorLib
    gc.collect()


@pytest.fixture
def before(workplace: Workplace) -> list[int]:
    """``observers`` without an editor."""
    end(workplace)
    return observers(workplace)


@pytest.fixture(params=[True, False], ids=["in use", "left before"])
def used(
    request: pytest.FixtureRequest, before: list[int], workplace: Workplace, model: Path
) -> Workplace:
    """An effect in which something was done, in use until the end or not."""
    workplace.editor = workplace.new_editor()
    workplace.show()
    workplace.open(model)
    workplace.click(8, 9)
    workplace.settle()
    workplace.click(10, 11)
    if not request.param:
        workplace.editor.activate(None)
    return workplace


def test_no_timer_runs(used: Workplace) -> None:
    effect = used.effect
    timers = (effect._pollTimer, effect._lookTimer, effect._keepTimer)
    assert any(timer.active for timer in timers)
    end(used)
    assert [timer.active for timer in timers] == [False, False, False]


def test_nothing_is_watched(used: Workplace, before: list[int]) -> None:
    assert observers(used) > before
    end(used)
    assert observers(used) == before


def test_no_key_is_taken(used: Workplace) -> None:
    end(used)
    assert used.host.window.findChildren(QShortcut) == []


def test_nothing_is_left_in_the_scene_but_what_is_kept(used: Workplace) -> None:
    end(used)
    assert used.nodes("vtkMRMLMarkupsNode") == []
    assert len(used.nodes("vtkMRMLTextNode")) == 2
    assert used.voxels("liver")[0, 8, 9]


def test_no_connection_keeps_the_effect_alive(used: Workplace) -> None:
    effect, desk = weakref.ref(used.effect), weakref.ref(used.effect.desk)
    end(used)
    assert desk() is None
    assert effect() is None


def test_an_effect_that_was_never_used_is_freed(workplace: Workplace) -> None:
    effect = weakref.ref(workplace.effect)
    end(workplace)
    assert effect() is None


def test_it_ends_with_the_application(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.host.application.aboutToQuit.emit()
    assert opened.effect.desk is None
    assert len(opened.nodes("vtkMRMLTextNode")) == 2
    # Until the windows are closed, too, events may come.
    assert not opened.send(Event.LeftButtonPressEvent, (8, 9))
    opened.editor.activate(None)
