"""Threads sleep soon while they wait, unless the user says how they wait."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from SAIMCore.threads import SPINS

COMMAND_LINE = (
    "import os, sys; from SAIMCore.cli import main; loaded = 'torch' in sys.modules; "
    "main(['status', 'nowhere']); print(os.environ.get('GOMP_SPINCOUNT'), loaded)"
)
WORKER = (
    "import os, sys, SAIMCore.worker as worker; loaded = 'torch' in sys.modules; "
    "worker.main(['nowhere']); print(os.environ.get('GOMP_SPINCOUNT'), loaded)"
)


@pytest.mark.parametrize("program", [COMMAND_LINE, WORKER])
@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, SPINS), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "None")],
)
def test_it_is_set_before_torch_is_loaded(
    program: str, given: dict[str, str], expected: str
) -> None:
    environment = dict(os.environ)
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        environment.pop(name, None)
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.splitlines()[-1] == f"{expected} False"
