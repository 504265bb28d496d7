"""A machine that cannot draw is told what it lacks, before anything crashes."""

from __future__ import annotations

import ctypes.util
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from SAIMCore import graphics
from SAIMCore.errors import ConfigurationError
from SAIMCore.graphics import PACKAGES, examine_graphics, require_graphics

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "install-system-packages.sh"


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the trial end with another exit code."""
    monkeypatch.setattr(graphics.sys, "platform", "linux")

    def end_with(code: int) -> None:
        ended: Any = subprocess.CompletedProcess([], code)
        monkeypatch.setattr(graphics.subprocess, "run", lambda *_, **__: ended)

    return end_with


@pytest.fixture
def no_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))


@pytest.mark.usefixtures("no_libraries")
def test_absent_libraries_come_with_their_debian_packages(trial: Any) -> None:
    trial(-11)
    found = examine_graphics()
    assert found.detail == "libEGL and an OpenGL driver not found"
    assert found.remedy == f"on Debian or Ubuntu run: apt-get install {PACKAGES}"


@pytest.mark.usefixtures("no_libraries")
def test_libraries_in_an_unknown_place_that_draw_are_fine(trial: Any) -> None:
    trial(0)
    assert examine_graphics().remedy == ""


@pytest.mark.parametrize(("platform", "advice"), [("linux", "--reinstall"), ("win32", "driver")])
def test_libraries_that_crash_do_so_elsewhere(
    trial: Any, monkeypatch: pytest.MonkeyPatch, platform: str, advice: str
) -> None:
    trial(-11)
    monkeypatch.setattr(graphics.sys, "platform", platform)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.1")
    found = examine_graphics()
    assert "cannot draw (exit code -11)" in found.detail
    assert advice in found.remedy


def test_a_driver_that_hangs_is_not_waited_for(trial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("python", timeout)

    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.1")
    monkeypatch.setattr(graphics.subprocess, "run", hang)
    assert "no picture within 60 seconds" in examine_graphics().detail


@pytest.mark.usefixtures("no_libraries")
def test_without_vtk_the_libraries_are_looked_for(
    trial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial(0)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "not found" in examine_graphics().detail
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.1")
    assert "not tried: VTK is not installed" in examine_graphics().detail


@pytest.mark.usefixtures("no_libraries")
def test_a_server_is_not_begun_where_nothing_can_be_drawn(trial: Any) -> None:
    trial(-11)
    with pytest.raises(ConfigurationError, match=r"cannot draw the page's views: libEGL.*libegl1"):
        require_graphics()
    trial(0)
    require_graphics()


@pytest.mark.skipif(sys.platform != "linux", reason="hides Mesa's drivers, as Linux has them")
@pytest.mark.skipif(bool(examine_graphics().remedy), reason="this machine cannot draw anyway")
def test_hidden_drivers_are_found_out_by_a_real_process(monkeypatch: pytest.MonkeyPatch) -> None:
    if ctypes.util.find_library("EGL_nvidia"):
        pytest.skip("NVIDIA's driver is not hidden by this")
    monkeypatch.setenv("LIBGL_DRIVERS_PATH", "/nonexistent")
    monkeypatch.setenv("DISPLAY", "")
    assert "cannot draw (exit code -" in examine_graphics().detail


def test_the_packages_are_those_that_make_installs() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    assert all(package in script for package in PACKAGES.split())
