"""What ``make`` hands on, and what it never deletes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def planned(repository: Path, *words: str) -> str:
    """What would be done."""
    made = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *words],
        cwd=repository,
        # Without what the make that runs the tests was given.
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(made.stdout.replace("\\\n", " ").split())


def test_make_run_opens_the_phantoms(repository: Path) -> None:
    assert planned(repository, "run").endswith(".venv/bin/saim web")


def test_make_run_hands_on_what_it_is_given(repository: Path) -> None:
    assert planned(
        repository, "run", "DATA=my series", "CLASSES=background,tumor<liver", "PORT=8081",
        "ARGS=--no-browser",
    ).endswith(
        'saim web --data "my series" --classes "background,tumor<liver" --port "8081" --no-browser'
    )  # fmt: skip


def test_make_clean_leaves_what_somebody_annotated(repository: Path) -> None:
    words = planned(repository, "clean").split()
    assert "build" in words
    assert "demo" not in words


def test_make_lists_its_commands(repository: Path) -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout
    for command in ("run", "test", "pictures"):
        assert f"make {command} " in listed
