"""An igniter that takes its time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from SAIMCore.campaign.proposals import Proposals
from SAIMCore.rounds.proposer import Proposer, Proposing

__all__ = ["SlowIgniter"]


class SlowIgniter:
    """Proposes for every series the first of four slices, and ends when ``may_end`` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at_work, self.may_end = Event(), Event()
        proposer = Proposer(Proposing.IGNITER, "", "The igniter slow proposes.")
        monkeypatch.setattr("SAIMCore.campaign.preparation.who_proposes", lambda _: proposer)
        monkeypatch.setattr(Proposals, "write", lambda _, *arguments: self._write(*arguments))

    def _write(
        self,
        name: str,
        proposer: Proposer,
        progress: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> bool:
        progress(1, 4)
        self.at_work.set()
        while not self.may_end.wait(0.01) and not should_stop():
            pass
        return False
