"""Making a project step by step: what is there, what is wrong with it, and then the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from SAIMCore.campaign.background_task import BackgroundTask, TaskControl
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.preflight import PreflightReport, preflight
from SAIMCore.project.patients import patients_across
from SAIMCore.project.project import Project

__all__ = ["Finding", "ProjectCreation"]


@dataclass(frozen=True)
class Finding:
    """A series of the plan, and what is wrong with it ("": nothing, None: not examined yet)."""

    series: PlannedSeries
    problem: str | None


class CreationCancelledError(Exception):
    """The user does not want to go on; nothing was made."""


Progress = tuple[int, int, str]


class ProjectCreation:
    """Plans, examines and makes one project, in a thread of ``executor``; a host polls it.

    plan: the series with their statuses, None before there is one. problems: what forbids the
    project as a whole. All methods but ``poll`` raise ProjectError while something is under way.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._task: BackgroundTask[Progress, Callable[[], None]] | None = None
        self._report: PreflightReport | None = None
        self.plan: ImportPlan | None = None
        self.progress: Progress | None = None
        self.sentence = "Choose the images."
        self.made: Path | None = None

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._task is not None

    def look(self, plan: Callable[[], ImportPlan]) -> None:
        """Find out what there is: ``plan`` in the thread (``plan_import`` with its arguments)."""

        def run(control: TaskControl[Progress]) -> Callable[[], None]:
            found = plan()
            return lambda: self._planned(found)

        self._begin(run, "Looking for series.")

    def examine(self) -> None:
        """Read every image and labelmap of the plan, and find out what is wrong with them."""
        plan = self._required_plan()

        def run(control: TaskControl[Progress]) -> Callable[[], None]:
            report = preflight(plan, _progress(control))
            return lambda: self._examined(report)

        self._begin(run, "Reading the series.")

    def create(self, folder: Path, name: str | None = None, **options: Any) -> None:
        """Make the project (``Project.create``); ``made`` is its folder then."""
        plan = self._required_plan()

        def run(control: TaskControl[Progress]) -> Callable[[], None]:
            Project.create(folder, plan, name=name, progress=_progress(control), **options).close()
            return lambda: self._made(folder)

        self._begin(run, "Making the project.")

    def cancel(self) -> None:
        """Stop what is under way; nothing of it is left."""
        if self._task is not None:
            self._task.cancel()

    def poll(self, timeout: float = 0.015) -> bool:
        """Wait up to ``timeout`` seconds for what is under way; whether it still is.

        Raises what went wrong; the plan stays as it was.
        """
        if self._task is None:
            return False
        done = self._task.wait(timeout)
        reports = self._task.new_reports()
        if reports:
            self.progress = reports[-1]
        if not done:
            return True
        task, self._task, self.progress = self._task, None, None
        self.sentence = "It was not done."
        try:
            task.result()()
        except CreationCancelledError:
            self.sentence = "Stopped; nothing was made."
        return False

    # -- what the user decides ------------------------------------------------------------------

    @property
    def findings(self) -> list[Finding]:
        """The series of the plan with their problems."""
        if self.plan is None:
            return []
        problems: dict[str | None, list[str]] = {}
        for problem in () if self._report is None else self._report.problems:
            problems.setdefault(problem.series, []).append(str(problem))
        unknown = None if self._report is None else ""
        return [
            Finding(entry, "; ".join(problems[entry.name]) if entry.name in problems else unknown)
            for entry in self.plan.series
        ]

    @property
    def problems(self) -> tuple[str, ...]:
        """What forbids the plan as a whole, before and after it was examined."""
        return () if self.plan is None else self.plan.problems

    def assign(self, statuses: Mapping[str, str]) -> None:
        """Give series of the plan other statuses: annotated, validation, test, unannotated."""
        plan = self._required_plan()
        before = _across(plan.series)
        series = tuple(
            replace(entry, status=statuses.get(entry.name, entry.status)) for entry in plan.series
        )
        # Patients on several sides are looked for anew.
        problems = tuple(problem for problem in plan.problems if problem not in before)
        self.plan = replace(plan, series=series, problems=(*problems, *_across(series)))

    def leave_out(self, *names: str) -> None:
        """Make the project without these series."""
        plan = self._required_plan()
        self.plan = replace(
            plan, series=tuple(entry for entry in plan.series if entry.name not in names)
        )
        self.assign({})

    # -- parts ----------------------------------------------------------------------------------

    def _begin(
        self, run: Callable[[TaskControl[Progress]], Callable[[], None]], sentence: str
    ) -> None:
        if self._task is not None:
            raise ProjectError(f"{self.sentence} Wait until that is done, or cancel it")
        self.sentence = sentence
        self._task = BackgroundTask(self._executor, run)

    def _required_plan(self) -> ImportPlan:
        if self.plan is None:
            raise ProjectError("there is nothing to make a project of yet; choose the images")
        return self.plan

    def _planned(self, plan: ImportPlan) -> None:
        self.plan, self._report = plan, None
        self.sentence = f"{len(plan.series)} series found."

    def _examined(self, report: PreflightReport) -> None:
        self._report = report
        wrong = len({problem.series for problem in report.problems if problem.series})
        self.sentence = (
            f"{wrong} series cannot be used as they are; correct them, or leave them out."
            if wrong
            else "All series can be used."
        )

    def _made(self, folder: Path) -> None:
        self.made = folder
        self.sentence = f"The project is in {folder}."


def _across(series: Iterable[PlannedSeries]) -> tuple[str, ...]:
    """A sentence for every patient who is on more than one side of the splits."""
    return tuple(
        patients_across(
            (entry.name, entry.source.patient, entry.status) for entry in series
        ).values()
    )


def _progress(control: TaskControl[Progress]) -> Callable[[int, int, str], None]:
    def progress(done: int, total: int, name: str) -> None:
        if control.cancelled():
            raise CreationCancelledError
        control.report((done, total, name))

    return progress
