"""For processes that kill themselves in the middle of what they write, in the scripts of tests."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

from sqlalchemy import event
from sqlalchemy.orm import Session


def die() -> NoReturn:
    """Kill this process, as kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def arm(moment: str, filed: type | None = None) -> None:
    """Let this process kill itself at a moment from now on.

    moment: ``"before N"`` or ``"after N"``, the N-th rename; ``"commit"``, when a transaction is
    about to commit, with ``filed`` one that has a row of that class.
    """
    if moment == "commit":
        _arm_commit(filed)
    else:
        when, number = moment.split()
        _arm_rename(when, int(number))


def _arm_commit(filed: type | None) -> None:
    def committing(session: Session) -> None:
        if filed is None or any(isinstance(row, filed) for row in session):
            die()

    event.listen(Session, "before_commit", committing)


def _arm_rename(when: str, number: int) -> None:
    rename, left = os.replace, number

    def replace(source: str, target: str) -> None:
        nonlocal left
        left -= 1
        if not left and when == "before":
            die()
        rename(source, target)
        if not left:
            die()

    os.replace = replace  # type: ignore[assignment]
