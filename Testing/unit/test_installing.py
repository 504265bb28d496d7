"""Commands to copy call the Python that runs SAIM, not whichever comes first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from SAIMCore.installing import (
    ANNOTATING,
    CAMPAIGN,
    Package,
    install_command,
    missing_packages,
    python_command,
)

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def test_the_python_of_an_activated_environment_is_called_by_its_short_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python3"))
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / "bin" / name))
    assert python_command() == "python"
    assert install_command("numpy>=1.0", "onnx") == 'python -m pip install "numpy>=1.0" "onnx"'


@pytest.mark.parametrize("found", [None, "/usr/bin/python"])
def test_a_python_that_is_not_the_first_one_is_called_by_its_path(
    monkeypatch: pytest.MonkeyPatch, found: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", "/somewhere/.venv/bin/python")
    monkeypatch.setattr(shutil, "which", lambda name: found)
    assert python_command() == "/somewhere/.venv/bin/python"


def test_a_path_with_a_space_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my files/.venv/bin/python")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert install_command("onnx") == '"/my files/.venv/bin/python" -m pip install "onnx"'


def test_the_command_can_be_run() -> None:
    called = subprocess.run(
        f"{python_command()} -c 'import sys; print(sys.prefix)'",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert called.stdout.strip() == sys.prefix


def test_what_slicer_is_to_install_is_what_the_project_needs() -> None:
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted = [package.requirement for package in CAMPAIGN]
    assert set(wanted) <= set(declared)
    # These are Slicer's own.
    assert not [name for name in wanted if name.startswith(("numpy", "scipy", "SimpleITK", "vtk"))]


def test_packages_that_cannot_be_imported_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_packages() == []
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "torch" else object()
    )
    assert [package.module for package in missing_packages()] == ["torch"]
    assert [package.module for package in missing_packages(CAMPAIGN)] == ["torch"]


@pytest.mark.parametrize(
    ("modules", "packages"),
    [
        ("SAIMCore.mrml.click_desk, SAIMCore.networks.factory", ANNOTATING),
        (
            "SAIMCore.mrml.editor_place, SAIMCore.mrml.scene_import, SAIMCore.mrml.curve_nodes, "
            "SAIMCore.campaign.campaign, SAIMCore.campaign.creation, SAIMCore.worker, "
            "SAIMCore.training_run, SAIMCore.training.trainer, SAIMCore.networks.factory",
            CAMPAIGN,
        ),
    ],
    ids=["the click effect", "a campaign"],
)
def test_nothing_else_has_to_be_installed(modules: str, packages: tuple[Package, ...]) -> None:
    slicer_has = "numpy scipy SimpleITK vtk vtkmodules slicer slicer_core packaging requests PIL"
    code = f"""
import sys
from importlib.metadata import packages_distributions
import slicer, vtk
before = set(sys.modules)
import {modules}
after = {{name.partition(".")[0] for name in set(sys.modules) - before}}
known = packages_distributions()
print(*sorted(name for name in after if name in known and name not in sys.stdlib_module_names))
"""
    called = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert called.returncode == 0, called.stderr
    allowed = {package.module for package in packages} | set(slicer_has.split())
    brought_along = requirements_of(package.requirement for package in packages)
    assert set(called.stdout.split()) - allowed - brought_along == {"SAIMCore"}


def requirements_of(requirements: Iterable[str]) -> set[str]:
    """Modules of the packages that ``requirements`` need, and so on, without extras."""
    modules_of: dict[str, set[str]] = {}
    for module, names in metadata.packages_distributions().items():
        for name in names:
            modules_of.setdefault(canonicalize_name(name), set()).add(module)
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name in found:
            continue
        found.add(name)
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed)
    return set().union(*(modules_of.get(name, set()) for name in found))
