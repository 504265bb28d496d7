"""A machine that cannot draw is told what it lacks, before anything crashes."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from SAIMCore.doctor import Finding
from SAIMCore.errors import ConfigurationError
from SAIMWeb import graphics


def test_absent_libraries_come_with_their_debian_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Finding("graphics libraries", "warning", "libEGL not found", "apt-get install libegl1")
    monkeypatch.setattr(graphics, "graphics_libraries", lambda: absent)
    with pytest.raises(ConfigurationError, match="libEGL not found; apt-get install libegl1"):
        graphics.require_graphics()


def test_libraries_that_crash_do_so_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    present = Finding("graphics libraries", "ok", "libEGL.so.1, Mesa")
    monkeypatch.setattr(graphics, "graphics_libraries", lambda: present)
    crashed: Any = subprocess.CompletedProcess([], -11)
    monkeypatch.setattr(graphics.subprocess, "run", lambda *_, **__: crashed)
    with pytest.raises(ConfigurationError, match=r"cannot draw \(exit code -11\).*libgl1"):
        graphics.require_graphics()
