"""How the threads of torch wait for each other."""

from __future__ import annotations

import os

__all__ = ["limit_spinning"]

SPINS = "10000"


def limit_spinning() -> None:
    """Let waiting OpenMP threads sleep soon, unless the environment says how they wait.

    It must be called before torch is loaded. By default they spin for milliseconds, and on a
    machine that is busy with something else they take each other's cores: a training step (64 x 64,
    2 threads on 2 cores) took 14.8 s beside 4 busy processes, with this 0.85 s. On an idle machine
    it costs 3 %, while threads that sleep at once (``OMP_WAIT_POLICY=PASSIVE``) cost 46 %.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        # Of GNU's OpenMP, which torch brings on Linux; others do not know it.
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
