"""How the threads of torch wait for each other."""

from __future__ import annotations

import os

__all__ = ["let_threads_sleep"]


def let_threads_sleep() -> None:
    """Let OpenMP threads sleep while they wait, unless the environment says how they wait.

    It must be called before torch is loaded. By default they spin, and on a machine that is busy
    with something else they take each other's cores: a training step on 2 threads beside 4 busy
    processes on 2 cores took 14.8 s, with sleeping threads 0.8 s (as long as on one thread).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
