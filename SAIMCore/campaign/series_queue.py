"""The queue of a project as it is looked at: in which order, which rows, and what users change."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

from SAIMCore.acquisition import STRATEGIES, Strategy, strategy_named
from SAIMCore.campaign.overview import Overview, overview_of
from SAIMCore.campaign.queue import QueueRow, in_order, queue_rows, read_again, with_score
from SAIMCore.campaign.queue_view import QueueView
from SAIMCore.campaign.session_time import SessionTime
from SAIMCore.campaign.time_plans import keep_plan
from SAIMCore.project.records import LABELED_STATUSES
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl
from SAIMCore.scoring import scoring_version

if TYPE_CHECKING:
    from SAIMCore.campaign.time_plan import TimePlan
    from SAIMCore.project.project import Project
    from SAIMCore.project.settings import SelectionSettings

__all__ = ["SeriesQueue"]


class SeriesQueue:
    """All series of ``project``, the pool in the order of its ``strategy``.

    view: what a table shows of them; overview: how the campaign was doing when everything was read
    last, None before. Everything is read in a thread of ``executor``, since 10,000
    series take a second; what happens to single ones is taken up at once. What is changed here is
    written to the project at once; the methods raise what the project raises.
    """

    def __init__(self, project: Project, executor: Executor) -> None:
        self._project = project
        self._executor = executor
        self.view = QueueView()
        self.overview: Overview | None = None
        self._rows: dict[str, QueueRow] = {}
        self._time = SessionTime()
        self._kept: TimePlan | None = None
        # The model that was asked when everything was read.
        self._version = ""
        self._task: BackgroundTask[None, tuple[list[QueueRow], Overview]] | None = None
        # What happened while everything was being read.
        self._changed: dict[str, None] = {}
        self._scored: dict[str, tuple[float, str]] = {}
        self.rebuild()

    @property
    def busy(self) -> bool:
        """Whether everything is being read."""
        return self._task is not None

    @property
    def strategy(self) -> Strategy:
        """The order of the queue: an entry of ``STRATEGIES``."""
        return strategy_named(self._project.settings.selection.strategy)

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """All that can be chosen."""
        return tuple(STRATEGIES.values())

    def choose(self, strategy: str, budget_minutes: float | None = None) -> None:
        """Order the queue by another strategy; ``budget_minutes``: None is no matter how long.

        A session that is given other minutes goes on, if they are more than it has taken; else, or
        asked for once more, one of so many minutes begins now. Raises ConfigurationError when there
        is no such strategy, or no such time.
        """
        strategy_named(strategy)
        present = self._project.settings.selection
        selection = replace(present, strategy=strategy, budget_minutes=budget_minutes)
        if selection != present:
            self._project.change_settings(selection=selection)
        if self._goes_on(present, selection):
            self._time.go_on()
        else:
            self._time.begin(self._rows)
        if strategy == present.strategy:
            self._order()
        else:
            self.rebuild()

    @property
    def budget_minutes(self) -> float | None:
        """How long the session shall take; None: no matter how long."""
        return self._project.settings.selection.budget_minutes

    @property
    def minutes_spent(self) -> float:
        """How many minutes of the session are over."""
        return self._time.spent(self._rows)

    @property
    def plan(self) -> TimePlan | None:
        """What was planned for the session, and what was done; None without a limited time."""
        return self._time.plan

    @property
    def rows(self) -> list[QueueRow]:
        """All rows, in the order of the queue."""
        return list(self._rows.values())

    def row(self, name: str) -> QueueRow:
        """The row of the series ``name``, which must be there."""
        return self._rows[name]

    def next(self, without: Iterable[str | None] = ()) -> str | None:
        """The series to annotate next; None when none of the pool is left.

        ``without``: those that are open already. Series that the rest of the session's time does
        not suffice for are not handed out.
        """
        passed = set(without)
        for row in self._rows.values():
            if row.in_pool and row.name not in passed and row.within_budget is not False:
                return row.name
        return None

    # -- what happens ---------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Read everything again: another model, strategy, annotation, or other series."""
        version = self._version = scoring_version(self._project)
        strategy = self.strategy

        def read(_: TaskControl[None]) -> tuple[list[QueueRow], Overview]:
            rows = queue_rows(self._project, strategy, version)
            return rows, overview_of(self._project, rows)

        self._changed, self._scored = {}, {}
        self._task = BackgroundTask(self._executor, read)

    def poll(self, timeout: float = 0.0) -> bool:
        """Wait up to ``timeout`` seconds for what is being read; whether it is there now.

        Raises what reading raised; the rows stay as they were.
        """
        if self._task is None or not self._task.wait(timeout):
            return False
        task, self._task = self._task, None
        rows, self.overview = task.result()
        self._rows = {row.name: row for row in rows}
        strategy = self.strategy
        for name, (value, version) in self._scored.items():
            self._rows[name] = with_score(self._rows[name], value, version, strategy)
        self.changed(*self._changed)
        return True

    def scored(self, values: Iterable[tuple[str, float]], model_version: str) -> None:
        """The model ``model_version`` gave these series their scores."""
        strategy = self.strategy
        for name, value in values:
            if self.busy:
                self._scored[name] = value, model_version
            if name in self._rows:
                self._rows[name] = with_score(self._rows[name], value, model_version, strategy)
        self._order()

    def changed(self, *names: str) -> None:
        """Something happened to these series: read them again."""
        for name in names:
            if self.busy:
                self._changed[name] = None
            if name in self._rows:
                self._rows[name] = read_again(self._project, self._rows[name])
        self._order()

    def keep_plan(self) -> None:
        """Keep the session's plan in the project, once something was done under it.

        Whoever only looks on keeps none: it is the session of somebody else.
        """
        plan = self._time.plan
        if self._project.read_only or plan is None or not plan.begun:
            return
        if plan != self._kept:
            keep_plan(self._project, plan)
            self._kept = plan

    def end(self) -> None:
        """Wait for what is being read, and forget it."""
        if self._task is not None:
            self._task.wait()
            self._task = None

    # -- what users do --------------------------------------------------------------------------

    def pin(self, name: str, pinned: bool = True, reason: str | None = None) -> None:
        """Put a series at the head of the queue, or take it back."""
        self._project.pin(name, pinned, reason)
        self.changed(name)

    def skip(self, name: str, skipped: bool = True, reason: str | None = None) -> None:
        """Put a series at the end of the queue, or take it back."""
        self._project.skip(name, skipped, reason)
        self.changed(name)

    def exclude(self, name: str, reason: str) -> None:
        """Leave a series out of everything; what was done in it is kept."""
        self._project.set_status(name, "excluded", reason)
        self.changed(name)

    def include(self, name: str) -> bool:
        """Take an excluded series back: into the pool, or, if it has an annotation, for training.

        Returns whether it is for training now; for what it was before it was excluded is not known.
        """
        annotated = self._project.series_named(name).annotation is not None
        self._project.set_status(name, "annotated" if annotated else "unannotated")
        self.changed(name)
        return annotated

    def use_as(self, name: str, status: str) -> list[str]:
        """Use an annotated series for training ("annotated"), "validation" or "test" from now on.

        With it, all annotated series of its patient, who must not be on two sides. Returns what is
        doubtful about that, in sentences (a test on what a model was trained on).
        """
        patient = self._project.series_named(name).patient
        together = {name: status}
        for row in self._rows.values():
            if patient is not None and row.patient == patient and row.status in LABELED_STATUSES:
                together[row.name] = status
        doubts = self._project.set_statuses(together)
        self.changed(*together)
        return doubts

    # -- parts ----------------------------------------------------------------------------------

    def _goes_on(self, present: SelectionSettings, chosen: SelectionSettings) -> bool:
        """Whether the present session is to go on as it is chosen now."""
        if present.budget_minutes is None or chosen.budget_minutes is None or chosen == present:
            return False
        another_time = chosen.budget_minutes != present.budget_minutes
        return not another_time or chosen.budget_minutes > self.minutes_spent

    def _order(self) -> None:
        budget, strategy = self.budget_minutes, self.strategy
        self._show(in_order(list(self._rows.values()), strategy, budget, self.minutes_spent))
        if not self.busy:
            # Else these rows may be about to change.
            self._time.follow(self._rows, budget, strategy.name, self._version or None)

    def _show(self, rows: list[QueueRow]) -> None:
        self._rows = {row.name: row for row in rows}
        self.view.show(rows)
