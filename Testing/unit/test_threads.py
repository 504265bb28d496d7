"""Threads sleep while they wait, unless the user wants them to spin."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SHOW = (
    "import os, sys; from SAIMCore.cli import main; loaded = 'torch' in sys.modules; "
    "main(['status', 'nowhere']); print(os.environ['OMP_WAIT_POLICY'], loaded)"
)


@pytest.mark.parametrize(("given", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_the_command_line_sets_it_before_torch_is_loaded(given: str | None, expected: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if given is not None:
        environment["OMP_WAIT_POLICY"] = given
    answer = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines()[-1] == f"{expected} False"


def test_the_worker_sets_it_before_torch_is_loaded() -> None:
    code = (
        "import os, sys, SAIMCore.worker as worker; loaded = 'torch' in sys.modules; "
        "worker.main(['nowhere']); print(os.environ['OMP_WAIT_POLICY'], loaded)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines()[-1] == "PASSIVE False"
