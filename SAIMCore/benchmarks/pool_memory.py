"""Scores the pool of a project and prints the peak memory of this process, in bytes.

``python -m SAIMCore.benchmarks.pool_memory PROJECT MODEL DEVICE``, so that nothing else counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.errors import SaimError
from SAIMCore.predictor import Predictor
from SAIMCore.project.project import Project
from SAIMCore.scoring import score_pool

__all__ = ["peak_memory", "peak_memory_of_scoring"]

KIBIBYTE = 1024


def peak_memory() -> int:
    """The most memory that this process ever held, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # Not getrusage: there a child begins with the peak of the process that started it.
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return KIBIBYTE * int(line.split()[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_memory_of_scoring(project: Path, model: Path, device: str) -> int:
    """Peak memory in bytes of a new process that scores the pool of ``project``.

    Raises SaimError when that process fails.
    """
    command = [sys.executable, "-m", __name__, str(project), str(model), device]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if ended.returncode:
        reason = (ended.stderr.strip() or f"exit code {ended.returncode}").splitlines()[-1]
        raise SaimError(f"the process that scores a pool failed ({reason}); try again")
    return int(json.loads(ended.stdout)["peak_bytes"])


def main(folder: str, model: str, device: str) -> None:
    """Score and report."""
    predictor = Predictor.load(Path(model), device)
    with Project.open(Path(folder)) as project:
        score_pool(project, predictor, STRATEGIES["entropy"])
    print(json.dumps({"peak_bytes": peak_memory()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
