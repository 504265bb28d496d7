"""The keys of the effect, pressed in Slicer's main window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest

from SAIMCore.mrml.effect_commands import COMMANDS
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.workplace import EFFECT, Workplace


def press(host: SlicerStandIn, key: str) -> None:
    """What the keyboard sends to the window."""
    host.window.show()
    host.window.activateWindow()
    host.until(host.window.isActiveWindow)
    QTest.keyClick(host.window, getattr(Qt.Key, f"Key_{key}"))
    host.process()


def own_shortcuts(workplace: Workplace) -> list[QShortcut]:
    """Those that are not the editor's."""
    found = workplace.host.window.findChildren(QShortcut)
    return [shortcut for shortcut in found if shortcut not in workplace.editor.shortcuts]


def pressed(workplace: Workplace, key: str) -> list[str]:
    """The names of the desk's methods that the key calls."""
    called: list[str] = []
    desk = workplace.effect.desk
    for command in COMMANDS:
        setattr(desk, command.name, lambda name=command.name: called.append(name))
    press(workplace.host, key)
    return called


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.key)
def test_each_command_has_its_key(opened: Workplace, command: object) -> None:
    assert pressed(opened, command.key) == [command.name]


def test_a_key_does_what_its_button_does(opened: Workplace) -> None:
    press(opened.host, "A")
    assert opened.session.accepted_slices == (0,)
    press(opened.host, "S")
    assert opened.shown == 1
    press(opened.host, "D")
    assert opened.shown == 0


def test_the_numbers_select_segments(opened: Workplace) -> None:
    press(opened.host, "2")
    assert opened.editor.node.GetSelectedSegmentID() == opened.segment_id("kidney")
    press(opened.host, "1")
    assert opened.editor.node.GetSelectedSegmentID() == opened.segment_id("liver")
    press(opened.host, "9")
    assert opened.editor.node.GetSelectedSegmentID() == opened.segment_id("liver")


def test_the_editors_own_keys_rest_while_the_effect_is_used(
    workplace: Workplace, model: Path
) -> None:
    workplace.editor.enter()
    one, nine = workplace.editor.shortcuts[0], workplace.editor.shortcuts[-1]
    pressed_own: list[str] = []
    one.activated.connect(lambda: pressed_own.append("1"))
    workplace.open(model)
    assert not one.isEnabled()
    assert not nine.isEnabled()
    workplace.select("kidney")
    press(workplace.host, "1")
    assert workplace.editor.node.GetSelectedSegmentID() == workplace.segment_id("liver")
    assert pressed_own == []
    workplace.editor.activate(None)
    assert one.isEnabled()
    assert nine.isEnabled()
    press(workplace.host, "1")
    assert pressed_own == ["1"]


def test_keys_that_were_off_stay_off(workplace: Workplace) -> None:
    workplace.editor.enter()
    workplace.editor.shortcuts[0].setEnabled(False)
    workplace.editor.activate(EFFECT)
    workplace.editor.activate(None)
    assert [shortcut.isEnabled() for shortcut in workplace.editor.shortcuts] == [False] + 8 * [True]


def test_other_keys_of_slicer_are_left_alone(workplace: Workplace) -> None:
    undo = QShortcut(Qt.Key.Key_Z, workplace.host.window)
    workplace.editor.activate(EFFECT)
    assert undo.isEnabled()


def test_the_editor_may_delete_its_keys_meanwhile(workplace: Workplace) -> None:
    workplace.editor.enter()
    workplace.editor.activate(EFFECT)
    # Deletes them; another editor of Slicer's may do so at any time.
    workplace.editor.delete_shortcuts()
    workplace.editor.activate(None)
    workplace.host.process()
    assert own_shortcuts(workplace) == []


def test_no_key_of_the_effect_is_left(opened: Workplace) -> None:
    assert own_shortcuts(opened)
    opened.editor.activate(None)
    opened.host.process()
    assert own_shortcuts(opened) == []


def test_without_main_window_there_are_no_keys(workplace: Workplace, model: Path) -> None:
    workplace.host.window.setObjectName("")
    workplace.open(model)
    workplace.click(8, 9)
    workplace.settle()
    assert workplace.voxels("liver")[0, 8, 9]
