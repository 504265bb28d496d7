"""What users read goes through Slicer's translation, where there is one."""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path

import pytest

import SAIMCore
from SAIMCore.mrml.translation import tr
from Testing.mrml.desk_editor import Editor

FOLDER = Path(SAIMCore.__file__).parent / "mrml"


def quoted(text: str) -> str:
    """A language in which everything is in quotes."""
    return f"«{text}»"


def test_without_slicer_it_is_english() -> None:
    assert tr("Choose {name}.") == "Choose {name}."


def test_in_slicer_it_is_slicers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    # Itself and no wrapper, since the file that calls it is the context.
    module = types.SimpleNamespace(tr=quoted)
    monkeypatch.setitem(sys.modules, "slicer.i18n", module)
    assert runpy.run_path(str(FOLDER / "translation.py"))["tr"] is quoted


def test_commands_are_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("SAIMCore.mrml.translation.tr", quoted)
    commands = runpy.run_path(str(FOLDER / "effect_commands.py"))["COMMANDS"]
    assert all(command.text.startswith("«") for command in commands)


@pytest.fixture
def foreign(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """An editor of a user who reads the language of ``quoted``."""
    monkeypatch.setattr("SAIMCore.mrml.series_desk._", quoted)
    monkeypatch.setattr("SAIMCore.mrml.click_desk._", quoted)
    return editor


def test_the_status_is_in_the_users_language(foreign: Editor) -> None:
    desk = foreign.desk
    said = [desk.status]
    desk.activate()
    desk.choose(foreign.model, "cpu")
    said.append(desk.status)
    foreign.show(foreign.volume, foreign.node)
    said.append(desk.status)
    foreign.settle()
    said.append(desk.status)
    assert said[2] == "«Preparing series.»"
    assert all(sentence.startswith("«") for sentence in said), said
    assert len(set(said)) == 4


def test_complaints_are_in_the_users_language(foreign: Editor) -> None:
    foreign.open()
    foreign.node.GetSegmentation().AddEmptySegment("other", "other")
    foreign.select("other")
    foreign.click(8, 9)
    foreign.show(None, None)
    foreign.desk.next_slice()
    assert [complaint[0] for complaint in foreign.host.complaints] == ["«", "«"]
    assert "(liver, kidney)" in foreign.host.complaints[0]
