"""Lightweight entry points stay light: what importing them brings along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ["torch", "numpy", "scipy", "SimpleITK", "sqlalchemy", "matplotlib", "tensorboard"]
HOSTS = ["slicer", "vtk", "vtkmodules", "qt", "ctk", "trame"]

REPORT = f"""
import json, sys
print(json.dumps([name for name in {HEAVY + HOSTS!r} if name in sys.modules]))
"""


def loaded_after(code: str, repository: Path) -> list[str]:
    """Which of the heavy packages and toolkits a fresh Python holds after running ``code``."""
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{REPORT}"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    loaded: list[str] = json.loads(result.stdout.splitlines()[-1])
    return loaded


def test_importing_the_package_brings_nothing_along(repository: Path) -> None:
    assert loaded_after("import SAIMCore", repository) == []


def test_the_errors_come_without_any_heavy_package(repository: Path) -> None:
    assert loaded_after("import SAIMCore.errors", repository) == []


def test_the_class_table_and_interactions_come_without_torch(repository: Path) -> None:
    code = "import SAIMCore.classes, SAIMCore.interactions"
    assert loaded_after(code, repository) == ["numpy"]


def test_the_memories_come_without_torch(repository: Path) -> None:
    assert loaded_after("import SAIMCore.memory", repository) == []


def test_the_journals_come_without_torch(repository: Path) -> None:
    code = "import SAIMCore.session.journal, SAIMCore.project.journal"
    assert loaded_after(code, repository) == ["numpy"]


def test_the_help_of_the_command_line_comes_without_any_heavy_package(repository: Path) -> None:
    code = """
import runpy, sys
sys.argv = ["saim", "--help"]
try:
    runpy.run_module("SAIMCore.cli", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
"""
    assert loaded_after(code, repository) == []


def test_help_is_printed(repository: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "SAIMCore.cli", "--help"],
        cwd=repository,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "saim" in result.stdout


def test_the_doctor_comes_without_torch(repository: Path) -> None:
    assert "torch" not in loaded_after("import SAIMCore.doctor", repository)
