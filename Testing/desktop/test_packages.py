"""Python packages that Slicer lacks: what is said, and how they are installed."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from subprocess import CalledProcessError

import pytest
import slicer
from PySide6.QtWidgets import QMessageBox

from SAIMCore.installing import ANNOTATING, Package
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.workplace import EFFECT, Event, Workplace

TORCH, TORCHVISION, NETWORKS = ANNOTATING[:3]


class Packages:
    """Which packages are missing, as the test says, and what was installed."""

    def __init__(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.missing: list[Package] = []
        self.torch_asked: list[dict[str, object]] = []
        self._monkeypatch = monkeypatch
        module = sys.modules["SAIMSegmentEditorLib.RequiredPackages"]
        monkeypatch.setattr(module, "missing_packages", lambda wanted: list(self.missing))

    def add_extension(self, torch: object) -> None:
        """The extension PyTorch, with which the user gets ``torch`` or None."""

        class PyTorchUtilsLogic:
            def installTorch(logic, **options: object) -> object:  # noqa: N805
                self.torch_asked.append(options)
                if torch is not None:
                    self.missing = [p for p in self.missing if p not in (TORCH, TORCHVISION)]
                return torch

        module = types.SimpleNamespace(PyTorchUtilsLogic=PyTorchUtilsLogic)
        self._monkeypatch.setitem(sys.modules, "PyTorchUtils", module)

    def add_pip_ensure(self, install: Callable[..., None]) -> None:
        """The newer Slicer's way."""
        module = types.SimpleNamespace(pip_ensure=install)
        self._monkeypatch.setitem(sys.modules, "slicer.packaging", module)


@pytest.fixture
def packages(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Packages:
    return Packages(workplace, monkeypatch)


def install(workplace: Workplace) -> None:
    workplace.ui.installButton.click()


def decline(workplace: Workplace, packages: Packages, host: SlicerStandIn) -> None:
    """The networks are missing, and the user does not want them."""
    packages.missing = [NETWORKS]
    workplace.editor.activate(EFFECT)
    host.answer(QMessageBox.StandardButton.Cancel)
    install(workplace)


def complaint(workplace: Workplace) -> str:
    """What the panel complains of, "" if nothing."""
    label = workplace.ui.messageLabel
    return "" if label.isHidden() else label.text


def test_what_is_missing_is_said_with_its_size(workplace: Workplace, packages: Packages) -> None:
    packages.missing = [TORCH, NETWORKS]
    workplace.editor.activate(EFFECT)
    assert workplace.effect.desk is None
    text = workplace.ui.missingLabel.text
    assert "torch, segmentation_models_pytorch" in text
    assert f"about {TORCH.megabytes + NETWORKS.megabytes} MB" in text
    assert not workplace.ui.missingFrame.isHidden()
    assert workplace.ui.workFrame.isHidden()


def test_nothing_is_said_where_nothing_is_missing(workplace: Workplace) -> None:
    workplace.editor.activate(EFFECT)
    assert workplace.ui.missingFrame.isHidden()
    assert not workplace.ui.workFrame.isHidden()


def test_the_user_may_decline(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    decline(workplace, packages, host)
    (question,) = host.dialogs()
    assert "segmentation-models-pytorch" in question
    assert complaint(workplace) == "The packages were not installed."
    assert host.pip_installed == []
    assert not workplace.ui.missingFrame.isHidden()


def test_a_refusal_is_not_held_against_the_user(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    decline(workplace, packages, host)
    host.answer(QMessageBox.StandardButton.Ok)
    slicer.util.pip_install = lambda wanted: packages.missing.clear()
    install(workplace)
    assert len(host.dialogs()) == 2
    assert complaint(workplace) == ""
    assert workplace.effect.desk is not None


def test_the_user_may_agree(workplace: Workplace, packages: Packages, host: SlicerStandIn) -> None:
    packages.missing = [NETWORKS]
    workplace.editor.activate(EFFECT)
    host.answer(QMessageBox.StandardButton.Ok)
    slicer.util.pip_install = lambda wanted: packages.missing.clear()
    install(workplace)
    assert len(host.dialogs()) == 1
    assert workplace.ui.missingFrame.isHidden()
    assert workplace.effect.desk is not None


def test_without_the_extension_pytorch(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    packages.missing = [TORCH, NETWORKS]
    workplace.editor.activate(EFFECT)
    install(workplace)
    assert "The extension PyTorch is needed" in complaint(workplace)
    assert host.pip_installed == []


def test_pytorch_comes_through_its_extension(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    packages.missing = [TORCH, TORCHVISION]
    packages.add_extension(types.ModuleType("torch"))
    workplace.editor.activate(EFFECT)
    install(workplace)
    assert packages.torch_asked == [{"askConfirmation": True, "torchVersionRequirement": ">=2.6"}]
    assert workplace.ui.missingFrame.isHidden()


def test_pytorch_may_be_declined(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    packages.missing = [TORCH, NETWORKS]
    packages.add_extension(None)
    workplace.editor.activate(EFFECT)
    install(workplace)
    assert complaint(workplace) == "PyTorch was not installed."
    assert host.pip_installed == []


def test_newer_slicers_install_the_others_themselves(
    workplace: Workplace, packages: Packages
) -> None:
    packages.missing = [NETWORKS]
    asked = []

    def pip_ensure(requirements: list[str], requester: str) -> None:
        asked.append((requirements, requester))
        packages.missing = []

    packages.add_pip_ensure(pip_ensure)
    workplace.editor.activate(EFFECT)
    install(workplace)
    assert asked == [([NETWORKS.requirement], "SAIM")]
    assert workplace.ui.missingFrame.isHidden()


def test_what_could_not_be_installed_is_said(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    packages.missing = [NETWORKS]
    # As Slicer does in its tests: nothing.
    packages.add_pip_ensure(lambda requirements, requester: None)
    workplace.editor.activate(EFFECT)
    install(workplace)
    assert complaint(workplace) == f"Still missing: {NETWORKS.requirement}"


def test_newer_slicers_ask_themselves(workplace: Workplace, packages: Packages) -> None:
    packages.missing = [NETWORKS]

    def pip_ensure(requirements: list[str], requester: str) -> None:
        raise RuntimeError("User declined package installation")

    packages.add_pip_ensure(pip_ensure)
    workplace.editor.activate(EFFECT)
    install(workplace)
    expected = "The packages were not installed (User declined package installation)."
    assert complaint(workplace) == expected
    assert not workplace.ui.missingFrame.isHidden()


def test_what_pip_could_not_do_is_a_dialog(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    packages.missing = [NETWORKS]

    def pip_ensure(requirements: list[str], requester: str) -> None:
        raise CalledProcessError(1, "pip install")

    packages.add_pip_ensure(pip_ensure)
    workplace.editor.activate(EFFECT)
    install(workplace)
    (said,) = host.dialogs()
    assert "The installation failed." in said
    assert [type(error) for error in host.printed()] == [CalledProcessError]
    assert complaint(workplace) == ""


def test_what_is_left_after_half_an_installation_is_said(
    workplace: Workplace, packages: Packages, host: SlicerStandIn
) -> None:
    packages.missing = [TORCH, NETWORKS]
    packages.add_extension(types.ModuleType("torch"))
    workplace.editor.activate(EFFECT)
    host.answer(QMessageBox.StandardButton.Cancel)
    install(workplace)
    assert len(host.dialogs()) == 1
    assert complaint(workplace) == "The packages were not installed."
    assert f"about {NETWORKS.megabytes} MB" in workplace.ui.missingLabel.text


def test_events_before_all_is_installed_are_slicers(
    workplace: Workplace, packages: Packages
) -> None:
    packages.missing = [TORCH]
    workplace.editor.activate(EFFECT)
    assert not workplace.send(Event.LeftButtonPressEvent, (8, 9))
    workplace.node.JumpSliceByOffsetting(*workplace.grid.slice_center(2).tolist())
    workplace.editor.set_source_volume(None)
    workplace.ui.uncertaintyBox.click()
    workplace.effect.do("next_slice")
    workplace.effect.selectSegment(1)
    workplace.editor.activate(None)


def test_a_package_that_does_not_load_is_a_dialog(
    workplace: Workplace, host: SlicerStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "SAIMCore.mrml.click_desk", None)
    workplace.editor.activate(EFFECT)
    (said,) = host.dialogs()
    assert "click_desk" in said
    assert len(host.printed()) == 1
    workplace.editor.activate(None)
