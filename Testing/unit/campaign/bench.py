"""A campaign with stand-ins around it, and trainings that end when a test says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from Testing.unit.campaign.stand_ins import Desk, Window
from Testing.unit.rounds.conftest import StandInWorker

Follow = Callable[[Project], BackgroundTraining]
MakeBench = Callable[..., "Bench"]

DEADLINE = 300.0


@dataclass
class Trainer:
    """Starts workers that are ready at once, with the next of ``scores`` as validation mIoU.

    None: it fails. As long as ``holds`` they go on until ``finish``.
    """

    scores: list[float | None] = field(default_factory=list)
    holds: bool = False
    workers: list[StandInWorker] = field(default_factory=list)

    def follow(self, project: Project) -> BackgroundTraining:
        return BackgroundTraining(project, self._launch, seconds_between_looks=0)  # type: ignore[arg-type]

    def _launch(self, folder: Path) -> StandInWorker:
        self.workers.append(StandInWorker(folder))
        self.workers[-1].begin()
        if not self.holds:
            self.finish()
        return self.workers[-1]

    @property
    def at_work(self) -> bool:
        return bool(self.workers) and self.workers[-1].at_work

    def finish(self) -> None:
        """Let the latest worker end."""
        score = self.scores.pop(0) if self.scores else 0.5
        if score is None:
            self.workers[-1].fail("the loss became nan; train with a lower rate", resumable=False)
        else:
            self.workers[-1].finish(score)


class Bench:
    """A campaign of the project in ``folder``, trained by ``trainer``, or as ``follow`` says."""

    def __init__(
        self, folder: Path, trainer: Trainer | None = None, follow: Follow | None = None
    ) -> None:
        self.window, self.desk = Window(), Desk()
        self.trainer = trainer or Trainer()
        self.campaign = Campaign(
            folder, self.window, self.desk, "ada", "cpu", follow=follow or self.trainer.follow
        )
        self.settle(trained=False)

    @property
    def project(self) -> Project:
        return self.campaign.project

    def until(self, reached: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not reached():
            assert time.monotonic() < deadline, (self.campaign.training.state, self.window)
            self.campaign.poll()
            # The interval of a host's timer, which leaves the processor to the others.
            time.sleep(0.005)

    def settle(self, trained: bool = True) -> None:
        """Until nothing is left to wait for, but a training that is held, or not waited for."""

        def settled() -> bool:
            held = self.trainer.holds and self.trainer.at_work
            if trained and not held:
                return not self.campaign.busy
            return not self.campaign.busy or (self._trains and not self._busy_with_others)

        self.until(settled)

    @property
    def _trains(self) -> bool:
        """Whether a training is under way, and followed already."""
        state = self.campaign.training.state
        return state.phase in ("preparing", "training") and state.log_file is not None

    @property
    def _busy_with_others(self) -> bool:
        campaign = self.campaign
        return (
            campaign.queue.busy
            or campaign.ranking.state.running
            or campaign._preparation.busy
            or campaign.annotating.awaited is not None
        )

    @property
    def prepared(self) -> str | None:
        """The series that is read for Next, or was."""
        begun = self.campaign._preparation._begun
        return None if begun is None else begun.name

    def pool(self) -> list[str]:
        return [row.name for row in self.campaign.queue.rows if row.in_pool]

    def open(self, name: str) -> None:
        self.campaign.open(name)
        self.settle()
        assert self.campaign.annotating.current == name, self.window.complaints

    def annotate(self, labels: np.ndarray) -> str:
        """Open the next series, draw ``labels`` and accept; its name."""
        if self.campaign.annotating.current is None:
            self.campaign.next()
            self.settle()
        name = self.campaign.annotating.current
        assert name is not None, self.window.complaints
        self.desk.drawn = labels
        self.campaign.accept_series()
        return name

    def complaint(self) -> str:
        """The only one since the last time."""
        (sentence,) = self.window.complaints
        self.window.complaints.clear()
        return sentence


def statuses(project: Project) -> list[str]:
    """How the rounds of the campaign ended; the first one came with its project."""
    return [record.status for record in project.rounds.all()][1:]


def current(project: Project) -> str | None:
    """The version of the published model."""
    model = project.models.current()
    return None if model is None else model.version
