"""Threads for what nobody waits for, beside the network that answers clicks."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

__all__ = ["polite_executor"]

NICENESS = 10


def polite_executor(name: str) -> ThreadPoolExecutor:
    """An executor of one thread that leaves the processor to others where the system can do that.

    On Linux each thread has a priority of its own, which the threads that torch starts from it
    inherit; on other systems it runs like all others.
    """
    return ThreadPoolExecutor(1, thread_name_prefix=f"SAIM {name}", initializer=_yield_to_others)


def _yield_to_others() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
