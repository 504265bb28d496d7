"""The doctor names what is there, what is missing, and how to get it."""

from __future__ import annotations

import builtins
import json
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from SAIMCore import doctor
from SAIMCore.doctor import GIB, Finding, diagnose
from SAIMCore.graphics import Graphics
from SAIMCore.installing import python_command

Blocker = Callable[[str], None]
Doctor = Callable[..., dict[str, Finding]]


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Findings by name, without the slow ones: no network is built, and nothing is drawn."""
    monkeypatch.setattr(doctor, "_starting_weights", lambda: Finding("ImageNet weights", "ok", "-"))
    monkeypatch.setattr(doctor, "examine_graphics", lambda: Graphics("libEGL.so.1, Mesa"))
    return lambda *arguments: {finding.name: finding for finding in diagnose(*arguments)}


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the installed package declare other requirements."""

    def declare(*requirements: str) -> None:
        monkeypatch.setattr(metadata, "requires", lambda name: list(requirements))

    return declare


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Blocker:
    """Makes the import of a package fail, as where it is not installed."""
    importing = builtins.__import__

    def block(package: str) -> None:
        def blocked(name: str, *arguments: Any, **options: Any) -> Any:
            if name.split(".")[0] == package:
                raise ModuleNotFoundError(f"No module named {package!r}", name=package)
            return importing(name, *arguments, **options)

        monkeypatch.setattr(builtins, "__import__", blocked)

    return block


def test_every_finding_has_a_detail_and_every_fault_a_remedy() -> None:
    for finding in diagnose():
        assert finding.detail, finding
        assert bool(finding.remedy) == (finding.status != "ok"), finding


def test_findings_are_json() -> None:
    rows = [finding.to_json() for finding in diagnose()]
    assert json.loads(json.dumps(rows)) == rows
    assert {"name", "status", "detail", "remedy"} == set(rows[0])


def test_an_old_python_is_named_with_the_one_that_is_needed(
    examine: Doctor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (99, 1))
    finding = examine()["Python"]
    assert finding.status == "missing"
    assert finding.remedy == "install Python 99.1 or newer"


def test_an_installed_dependency_is_reported_with_its_version(
    examine: Doctor,
    declared: Callable[..., None],
) -> None:
    declared("numpy>=1.0")
    assert examine()["numpy"] == Finding("numpy", "ok", metadata.version("numpy"))


def test_a_missing_dependency_comes_with_the_command_that_installs_it(
    examine: Doctor,
    declared: Callable[..., None],
) -> None:
    declared("saim-needs-this>=2.0")
    finding = examine()["saim-needs-this"]
    assert finding.status == "missing"
    assert finding.remedy == f'run: {python_command()} -m pip install "saim-needs-this>=2.0"'


def test_a_dependency_that_is_too_old_is_missing(
    examine: Doctor, declared: Callable[..., None]
) -> None:
    declared("numpy>=9999")
    finding = examine()["numpy"]
    assert finding.status == "missing"
    assert finding.detail == f"{metadata.version('numpy')} (numpy>=9999 needed)"


def test_a_dependency_of_another_python_is_left_out(
    examine: Doctor, declared: Callable[..., None]
) -> None:
    declared("saim-needs-this>=2.0; python_version < '3'")
    assert "saim-needs-this" not in examine()


def test_what_an_extra_lacks_is_a_warning_only(
    examine: Doctor, declared: Callable[..., None]
) -> None:
    declared("numpy>=1.0", "psutil>=1; extra == 'web'", "saim-needs-this>=2.0; extra == 'web'")
    findings = examine()
    finding = findings["annotating in the browser"]
    assert finding.status == "warning"
    assert "saim-needs-this not installed" in finding.detail
    # By name: the extra of a checkout cannot be fetched by its name.
    assert finding.remedy == f'run: {python_command()} -m pip install "saim-needs-this>=2.0"'
    assert "saim-needs-this" not in findings


def test_an_installed_extra_is_fine(examine: Doctor, declared: Callable[..., None]) -> None:
    declared("numpy>=1.0; extra == 'export'")
    finding = examine()["ONNX export"]
    assert finding.status == "ok"
    assert finding.detail == f"numpy {metadata.version('numpy')}"


def test_a_checkout_that_is_not_installed_says_how_to_install_it(
    examine: Doctor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "DISTRIBUTION", "saim-that-nobody-installed")
    finding = examine()["packages"]
    assert finding.status == "warning"
    assert str(Path(doctor.__file__).parent.parent) in finding.remedy


def test_the_device_names_every_gpu_with_its_memory(
    examine: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = SimpleNamespace(name="NVIDIA Test", total_memory=24 * GIB)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: gpu)
    finding = examine()["device"]
    assert finding.status == "ok"
    assert "NVIDIA Test 24 GiB, NVIDIA Test 24 GiB" in finding.detail


def test_a_driver_that_torch_does_not_see_is_a_warning(
    examine: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    finding = examine()["device"]
    assert finding.status == "warning"
    assert torch.__version__ in finding.detail


def test_a_computer_without_gpu_is_fine(examine: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    finding = examine()["device"]
    assert finding.status == "ok"
    assert "no GPU" in finding.detail


@pytest.mark.parametrize(
    ("package", "name", "status"),
    [
        ("torch", "device", "missing"),
        ("psutil", "memory", "warning"),
        ("packaging", "packages", "warning"),
    ],
)
def test_the_doctor_answers_where_packages_are_missing(
    examine: Doctor, without: Blocker, package: str, name: str, status: str
) -> None:
    without(package)
    finding = examine()[name]
    assert finding.status == status
    assert finding.remedy


@pytest.mark.parametrize(("gib", "status"), [(1, "warning"), (64, "ok")])
def test_little_memory_is_a_warning(
    examine: Doctor, monkeypatch: pytest.MonkeyPatch, gib: int, status: str
) -> None:
    memory = SimpleNamespace(available=gib * GIB, total=128 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    finding = examine()["memory"]
    assert finding.status == status
    assert finding.detail == f"{gib}.0 of 128.0 GiB free"


@pytest.mark.parametrize(("gib", "status"), [(1, "warning"), (64, "ok")])
def test_little_disk_is_a_warning(
    examine: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gib: int, status: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=gib * GIB))
    finding = examine(tmp_path)["disk"]
    assert finding.status == status
    assert finding.detail == f"{gib}.0 GiB free in {tmp_path}"


def test_a_folder_that_is_not_there_is_named(examine: Doctor, tmp_path: Path) -> None:
    finding = examine(tmp_path / "gone")["disk"]
    assert finding.status == "warning"
    assert str(tmp_path / "gone") in finding.detail


def test_absent_graphics_libraries_come_with_their_debian_packages(
    examine: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = Graphics("libEGL not found", "on Debian or Ubuntu run: apt-get install libegl1")
    monkeypatch.setattr(doctor, "examine_graphics", lambda: absent)
    finding = examine()["graphics libraries"]
    assert finding.status == "warning"
    assert finding.detail == "libEGL not found; only annotating in the browser needs them"
    assert finding.remedy == "on Debian or Ubuntu run: apt-get install libegl1"


def test_graphics_that_draw_are_fine(examine: Doctor) -> None:
    assert examine()["graphics libraries"] == Finding(
        "graphics libraries", "ok", "libEGL.so.1, Mesa"
    )


def test_nobody_needs_chromium_who_runs_no_tests(
    examine: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    finding = examine()["Chromium"]
    assert finding.status == "ok"
    assert "only the tests of the page use it" in finding.detail
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert examine()["Chromium"].detail.startswith("/usr/bin/chromium")


def test_the_page_needs_trame_slicer(examine: Doctor, declared: Callable[..., None]) -> None:
    declared("saim-needs-this; extra == 'web'", "trame-slicer[standalone]>=999; extra == 'web'")
    finding = examine()["annotating in the browser"]
    assert finding.status == "warning"
    assert "trame-slicer" in finding.detail
    assert "trame-slicer" in finding.remedy


def test_a_weights_file_that_is_not_there_is_a_warning_with_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SAIM_ENCODER_WEIGHTS", str(tmp_path / "gone.safetensors"))
    finding = diagnose()[-1]
    assert finding.status == "warning"
    assert "gone.safetensors" in finding.detail
    assert "SAIM_ENCODER_WEIGHTS" in finding.remedy


def test_weights_are_unknown_where_their_packages_are_missing(without: Blocker) -> None:
    without("SAIMCore")
    finding = diagnose()[-1]
    assert finding.name == "ImageNet weights"
    assert finding.status == "warning"
    assert finding.detail.startswith("unknown")
