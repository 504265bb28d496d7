"""The .ui files of the new project and of the progress: what they hold is what the code uses."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PySide6.QtWidgets import QWidget

from Testing.desktop.clinic import PANEL_MODULE
from Testing.desktop.progress_viewer import Section
from Testing.desktop.project_maker import ProjectMaker
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare

LIBRARY = PANEL_MODULE.parent / "SAIMActiveLearningLib"
USERS = {
    "NewProjectDialog": (
        "NewProjectDialog",
        "ImagesPage",
        "ClassesPage",
        "SplitPage",
        "CheckPage",
        "ProjectPage",
    ),
    "ProgressSection": ("ProgressSection", "CurveTab", "EffortTab", "ModelsTab"),
}


def named_in_code() -> list[tuple[str, str]]:
    """The .ui file, and what is taken from ``self.ui`` and ``self._ui`` by those who use it."""
    return sorted(
        {
            (file, node.attr)
            for file, modules in USERS.items()
            for module in modules
            for node in ast.walk(ast.parse((LIBRARY / f"{module}.py").read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr in ("ui", "_ui")
        }
    )


def named_in_files() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """File, class, name and properties of every widget."""
    folder = PANEL_MODULE.parent / "Resources" / "UI"
    return [
        (
            file,
            str(element.get("class")),
            str(element.get("name")),
            tuple(str(entry.get("name")) for entry in element.findall("property")),
        )
        for file in USERS
        for element in ElementTree.parse(folder / f"{file}.ui").getroot().iter("widget")
    ]


@pytest.fixture
def shown(host: SlicerStandIn, tmp_path: Path) -> dict[str, Any]:
    """The widget of each file, and its children by their names."""
    dialog, section = ProjectMaker(host).maker, Section(host, tmp_path).section
    return {"NewProjectDialog": dialog, "ProgressSection": section}


@pytest.mark.parametrize("file", USERS)
def test_every_widget_that_the_code_names_is_there(shown: dict[str, Any], file: str) -> None:
    missing = [
        name
        for named, name in named_in_code()
        if named == file and not isinstance(bare(getattr(shown[file].ui, name, None)), QWidget)
    ]
    # Layouts are children, too.
    assert [name for name in missing if not name.endswith("Layout")] == []


@pytest.mark.parametrize("file", USERS)
def test_the_file_sets_only_properties_that_its_widgets_have(
    shown: dict[str, Any], file: str
) -> None:
    for owner, kind, name, properties in named_in_files():
        if owner != file:
            continue
        found = shown[file].widget if name == file else getattr(shown[file].ui, name)
        assert found.className() == kind
        for known in properties:
            assert bare(found).metaObject().indexOfProperty(known) >= 0, (name, known)
