"""Commands to copy call the Python that runs SAIM, not whichever comes first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from SAIMCore.installing import install_command, python_command


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
