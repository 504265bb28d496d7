"""The module of the panel: what Slicer lists, what has to be installed, its .ui files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from subprocess import CalledProcessError
from xml.etree import ElementTree

import pytest
import slicer
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from SAIMCore.installing import CAMPAIGN, Package
from Testing.desktop.clinic import PANEL_MODULE, Clinic
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.stand_in.scripted_module import load_module
from Testing.desktop.workplace import in_bare_slicer

LIBRARY = PANEL_MODULE.parent / "SAIMActiveLearningLib"
FORMS = PANEL_MODULE.parent / "Resources" / "UI"
NETWORKS = CAMPAIGN[2]
# The panel and its sections, by their .ui files.
SECTIONS = {
    "SAIMActiveLearning": ["CampaignPanel"],
    "AnnotationSection": ["AnnotationSection"],
    "QueueSection": ["QueueSection", "SeriesCommands"],
    "TrainingSection": ["TrainingSection"],
}


def test_slicer_lists_it(host: SlicerStandIn) -> None:
    parent = load_module(PANEL_MODULE).parent
    assert parent.title == "SAIM Active Learning"
    assert parent.categories == ["Segmentation"]
    assert "SAIMSegmentEditor" in parent.dependencies
    assert not parent.icon.isNull()
    assert "Next" in parent.helpText


def test_its_icon_is_drawn(host: SlicerStandIn) -> None:
    assert not load_module(PANEL_MODULE).parent.icon.pixmap(64, 64).isNull()


def test_it_loads_and_says_what_is_missing_without_packages() -> None:
    found = in_bare_slicer("panel")
    assert set(found["loaded"]) == {
        f"SAIMActiveLearningLib.{path.stem}" for path in LIBRARY.glob("[A-Z]*.py")
    }
    assert found["heavy"] == []
    assert not found["works"]
    for package in CAMPAIGN:
        assert package.module in found["message"]
    assert f"{sum(package.megabytes for package in CAMPAIGN)} MB" in found["message"]
    assert "The extension PyTorch is needed" in found["complaint"]


class TestPackages:
    """What is missing is installed when the user agrees."""

    @pytest.fixture
    def missing(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Package]]:
        found = [NETWORKS]
        import SAIMSegmentEditorLib.RequiredPackages as required

        monkeypatch.setattr(required, "missing_packages", lambda wanted: list(found))
        yield found
        assert found == []

    @pytest.fixture
    def lacking(self, empty_clinic: Clinic, missing: list[Package]) -> Clinic:
        empty_clinic.panel.begin()
        return empty_clinic

    def test_they_are_said_with_their_size(self, lacking: Clinic, missing: list[Package]) -> None:
        ui = lacking.panel.ui
        assert "segmentation_models_pytorch (about 10 MB)" in ui.missingLabel.text
        assert not ui.missingFrame.isHidden()
        assert ui.workFrame.isHidden()
        missing.clear()

    def test_the_user_may_agree(
        self, lacking: Clinic, missing: list[Package], host: SlicerStandIn
    ) -> None:
        slicer.util.pip_install = lambda wanted: missing.clear()
        lacking.panel.ui.installButton.click()
        assert len(host.dialogs()) == 1
        assert lacking.panel.ui.missingFrame.isHidden()
        assert not lacking.panel.ui.workFrame.isHidden()

    def test_the_user_may_decline(
        self, lacking: Clinic, missing: list[Package], host: SlicerStandIn
    ) -> None:
        host.answer(QMessageBox.StandardButton.Cancel)
        lacking.panel.ui.installButton.click()
        assert len(host.dialogs()) == 1
        assert lacking.panel.ui.complaintLabel.text == "The packages were not installed."
        assert bare(lacking.panel.ui.complaintLabel).isVisibleTo(lacking.window)
        assert not lacking.panel.ui.missingFrame.isHidden()
        missing.clear()

    def test_what_pip_could_not_do_is_a_dialog(
        self, lacking: Clinic, missing: list[Package], host: SlicerStandIn
    ) -> None:
        def fail(_: object) -> None:
            raise CalledProcessError(1, "pip install")

        slicer.util.pip_install = fail
        lacking.panel.ui.installButton.click()
        assert len(host.dialogs()) == 2
        assert [type(error) for error in host.printed()] == [CalledProcessError]
        missing.clear()

    def test_the_last_project_is_opened_afterwards(
        self,
        lacking: Clinic,
        missing: list[Package],
        host: SlicerStandIn,
        campaign_folder: Path,
    ) -> None:
        slicer.app.settings().setValue("SAIM/Project", str(campaign_folder))
        slicer.util.pip_install = lambda wanted: missing.clear()
        lacking.panel.ui.installButton.click()
        assert len(host.dialogs()) == 1
        assert lacking.campaign.project.folder == campaign_folder


def named_in_code(form: str) -> list[str]:
    """What the sections take from ``self.ui`` or ``ui``."""
    names = set()
    for module in SECTIONS[form]:
        tree = ast.parse((LIBRARY / f"{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("ui"):
                names.add(node.attr)
    return sorted(names)


def widgets_of(clinic: Clinic, form: str) -> object:
    sections = {
        "AnnotationSection": clinic.panel.annotation,
        "QueueSection": clinic.panel.queue,
        "TrainingSection": clinic.panel.training,
    }
    return sections.get(form, clinic.panel)


@pytest.mark.parametrize("form", SECTIONS)
class TestForms:
    """Each .ui file: what it holds is what its section uses."""

    def test_every_widget_that_is_named_is_there(self, empty_clinic: Clinic, form: str) -> None:
        ui = widgets_of(empty_clinic, form).ui  # type: ignore[attr-defined]
        names = named_in_code(form)
        assert names
        assert [name for name in names if not hasattr(ui, name)] == []

    def test_only_properties_that_its_widgets_have_are_set(
        self, empty_clinic: Clinic, form: str
    ) -> None:
        section = widgets_of(empty_clinic, form)
        root = ElementTree.parse(FORMS / f"{form}.ui").getroot()
        wrong = []
        for element in root.iter("widget"):
            name = element.get("name")
            found = section.widget if name == form else getattr(section.ui, name)  # type: ignore[attr-defined, arg-type]
            assert found.className() == element.get("class")
            known = bare(found).metaObject()
            wrong += [
                (name, entry.get("name"))
                for entry in element.findall("property")
                if known.indexOfProperty(entry.get("name")) < 0
            ]
        assert wrong == []

    def test_every_button_says_what_it_does(self, clinic: Clinic, form: str) -> None:
        clinic.select("pool_a")
        widget = bare(widgets_of(clinic, form).widget)  # type: ignore[attr-defined]
        named = [
            button
            for button in widget.findChildren(QAbstractButton)
            if button.text() and not button.objectName().startswith("qt_")
        ]
        assert named
        assert [button.objectName() for button in named if not button.toolTip()] == []


def test_it_fits_into_the_module_panel(clinic: Clinic) -> None:
    clinic.next()
    clinic.host.process()
    assert clinic.window.minimumSizeHint().width() <= 420
