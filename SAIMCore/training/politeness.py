"""How a training leaves the machine to somebody who works on it meanwhile."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["SHARE_OF_DEVICE_MEMORY", "leave_device_memory", "take_low_priority"]

# A quarter of the smallest usual card (8 GiB) holds what the annotator needs beside the training:
# the model with a click at 512 x 512 (below 1 GiB with its CUDA context), and the views of Slicer.
SHARE_OF_DEVICE_MEMORY = 0.75
LOWEST_PRIORITY = 19
# Linux shares the processor among sessions before it looks at their processes.
SESSION_PRIORITY = Path("/proc/self/autogroup")


def take_low_priority() -> None:
    """Compute only when nobody else wants to; what this process starts later does so, too.

    It must be called before torch is loaded, whose threads would keep their priority. Measured on
    2 cores, a click beside a training of the same network took 2.0 times as long as alone without
    this; also with a low priority alone, since a process in a session of its own has its half of
    the processor whatever its priority. With all of this it took 1.0 to 1.1 times as long.
    """
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    os.nice(LOWEST_PRIORITY)
    if sys.platform == "linux":
        # Where one of these may not be changed, as in some containers, the other helps.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        if os.getsid(0) == os.getpid():
            with contextlib.suppress(OSError):
                SESSION_PRIORITY.write_text(str(LOWEST_PRIORITY), encoding="ascii")


def leave_device_memory(device: torch.device) -> None:
    """Leave a part of a CUDA device's memory to others; a step that needs more is made smaller."""
    import torch

    if device.type == "cuda":
        torch.cuda.set_per_process_memory_fraction(SHARE_OF_DEVICE_MEMORY, device)
