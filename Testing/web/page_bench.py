"""The campaign on the page without views: with a stand-in for the place where one annotates."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trame.app.core import AVAILABLE_SERVERS

from SAIMCore.campaign.campaign import Campaign
from SAIMWeb.pulse import Pulse
from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.page_server import new_server
from Testing.unit.campaign.bench import Trainer
from Testing.unit.campaign.stand_ins import Desk

SECONDS = 60
_numbers = itertools.count()


def forget_models(folder: Path) -> None:
    """Let a project be as it is before its first training."""
    with contextlib.closing(sqlite3.connect(folder / "saim.sqlite")) as database, database:
        database.execute("DELETE FROM models")
    shutil.rmtree(folder / "models")
    (folder / "models").mkdir()


class PageBench:
    """Trainings are done by ``trainer``, if there is one."""

    def __init__(self, folder: Path, trainer: Trainer | None = None) -> None:
        self.folder = folder
        # Another one each time: trame keeps what it made by the name, until it is closed.
        self._server = f"page bench {next(_numbers)}"
        self.state: Any = new_server(self._server).state
        self.state.ready()
        self.desk = Desk()
        self.pulse = Pulse()
        self.messages = Messages(self.state)
        self.page = CampaignPage(self.state, self.pulse, self.messages)
        self.page.open(folder, self.desk, "ada", "cpu")
        if trainer is not None:
            self.campaign.training = trainer.follow(self.campaign.project)
        self.settle()

    @property
    def campaign(self) -> Campaign:
        return self.page.campaign

    def settle(self) -> None:
        """Wait until nothing is left to wait for."""
        self.until(lambda: self._beat() is None)

    def until(self, reached: Callable[[], object]) -> None:
        """Wait for something, whatever else goes on."""
        deadline = time.monotonic() + SECONDS
        while not reached():
            assert time.monotonic() < deadline, self.state.problem or "it never came"
            time.sleep(min(self._beat() or 0.0, 0.005))

    def annotate(self) -> str:
        """Accept the next series with every class in it; its name."""
        if not self.state.series:
            self.page.next()
            self.settle()
        name: str = self.state.series
        assert self.desk.drawn is not None
        for index in self.campaign.project.classes.foreground:
            self.desk.drawn[0, index] = index
        self.page.accept_series()
        self.settle()
        assert self.state.question == ""
        return name

    def close(self) -> None:
        self.page.close()
        AVAILABLE_SERVERS.pop(self._server, None)

    def _beat(self) -> float | None:
        # What a test has changed in the page's state is heard of then.
        self.state.flush()
        wait = self.pulse.beat()
        self.state.flush()
        return wait
