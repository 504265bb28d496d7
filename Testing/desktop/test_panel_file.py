"""The .ui file: what it holds is what the panel uses."""

from __future__ import annotations

import ast
from xml.etree import ElementTree

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget

from Testing.desktop.stand_in.objects import bare
from Testing.desktop.workplace import MODULE, Workplace

LIBRARY = MODULE.parent / "SAIMSegmentEditorLib"
PANEL = (LIBRARY / "EffectPanel.py", LIBRARY / "OptionsSection.py")
UI_FILE = MODULE.parent / "Resources" / "UI" / "SAIMSegmentEditorEffect.ui"


def named_in_code() -> list[str]:
    """What the panel takes from ``self.ui``."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in PANEL]
    return sorted(
        {
            node.attr
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "ui"
        }
    )


def named_in_file() -> list[ElementTree.Element]:
    return list(ElementTree.parse(UI_FILE).getroot().iter("widget"))


@pytest.mark.parametrize("name", named_in_code())
def test_every_widget_that_the_panel_names_is_there(workplace: Workplace, name: str) -> None:
    widget = getattr(workplace.ui, name)
    assert isinstance(bare(widget), QWidget)


@pytest.mark.parametrize("element", named_in_file(), ids=lambda element: element.get("name"))
def test_the_file_sets_only_properties_that_its_widgets_have(
    workplace: Workplace, element: ElementTree.Element
) -> None:
    found = workplace.effect.panel.widget
    if element.get("name") != found.objectName:
        found = getattr(workplace.ui, element.get("name"))
    assert found.className() == element.get("class")
    for entry in element.findall("property"):
        assert bare(found).metaObject().indexOfProperty(entry.get("name")) >= 0, entry.get("name")


def test_every_button_says_what_it_does(workplace: Workplace) -> None:
    buttons = bare(workplace.effect.panel.widget).findChildren(QAbstractButton)
    named = [button for button in buttons if button.objectName() and button.text()]
    assert len(named) > 10
    assert [button.objectName() for button in named if not button.toolTip()] == []
