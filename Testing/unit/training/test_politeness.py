"""A polite training takes the lowest priority, with all that it starts, and a part of the GPU."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from SAIMCore.training.politeness import SHARE_OF_DEVICE_MEMORY, leave_device_memory

# What a process that became polite, and one that it started, say about themselves.
SAY = """
import json, os, subprocess, sys
from pathlib import Path
from SAIMCore.training.politeness import take_low_priority
if sys.argv[1:] != ["child"]:
    take_low_priority()
    subprocess.run([sys.executable, "-c", os.environ["CODE"], "child"], check=True)
session = Path("/proc/self/autogroup")
scheduler = os.sched_getscheduler(0) == os.SCHED_IDLE if hasattr(os, "SCHED_IDLE") else None
text = session.read_text() if session.exists() else ""
print(json.dumps([os.nice(0), scheduler, text.strip().endswith("nice 19")]), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="priorities as POSIX has them")
@pytest.mark.parametrize("leads", [True, False])
def test_a_process_and_its_children_compute_only_when_nobody_else_wants_to(
    repository: Path, leads: bool
) -> None:
    # Without a session of its own it must leave the priority of its session alone.
    said = subprocess.run(
        [sys.executable, "-c", SAY],
        env={"CODE": SAY, "PYTHONPATH": str(repository)},
        start_new_session=leads,
        capture_output=True,
        text=True,
        check=True,
    )
    linux = sys.platform == "linux"
    session = linux and leads and Path("/proc/self/autogroup").exists()
    for line in said.stdout.splitlines():
        assert json.loads(line) == [19, True if linux else None, session]
    assert len(said.stdout.splitlines()) == 2


@pytest.mark.parametrize(("device", "limited"), [("cuda:1", True), ("cpu", False)])
def test_a_part_of_the_memory_of_a_gpu_is_left_to_others(
    monkeypatch: pytest.MonkeyPatch, device: str, limited: bool
) -> None:
    limits = []
    monkeypatch.setattr(
        torch.cuda,
        "set_per_process_memory_fraction",
        lambda share, target: limits.append((share, target)),
    )
    leave_device_memory(torch.device(device))
    assert limits == ([(SHARE_OF_DEVICE_MEMORY, torch.device(device))] if limited else [])
