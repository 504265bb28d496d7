"""Making a project step by step: what is there, what is wrong with it, and then the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from SAIMCore.campaign.class_names import classes_from_labels
from SAIMCore.campaign.plan_changes import with_statuses, without_series
from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import Collection, ImportPlan, PlannedSeries
from SAIMCore.project.importers.planning import plan_collection
from SAIMCore.project.importers.preflight import PreflightReport, preflight
from SAIMCore.project.importers.preflight import Progress as Tell
from SAIMCore.project.project import Project
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl

__all__ = ["Finding", "ProjectCreation"]


@dataclass(frozen=True)
class Finding:
    """A series of the plan, and what is wrong with it ("": nothing, None: not examined yet)."""

    series: PlannedSeries
    problem: str | None


class CreationCancelledError(Exception):
    """The user does not want to go on; nothing was made."""


Progress = tuple[int, int, str]
Found = TypeVar("Found")


class ProjectCreation:
    """Plans, examines and makes one project, in a thread of ``executor``; a host polls it.

    collection: the series that were found; classes: those that their labels show; plan: the series
    with their statuses; each None before there is one. problems: what forbids the project as a
    whole. While something is under way, only ``poll`` and ``cancel`` do not raise ProjectError.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._task: BackgroundTask[Progress, Callable[[], None]] | None = None
        self._report: PreflightReport | None = None
        self.collection: Collection | None = None
        self.classes: ClassTable | None = None
        self.plan: ImportPlan | None = None
        self.progress: Progress | None = None
        self.sentence = "Choose the images."
        self.made: Path | None = None

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._task is not None

    # -- what is done in the background -----------------------------------------------------------

    def gather(self, collect: Callable[[Tell], Collection]) -> None:
        """Find the series: ``collect`` in the thread, which may tell its argument how far it is."""
        self._begin(collect, self._gathered, "Looking for series.")

    def read_classes(self) -> None:
        """Read all labels that were found; ``classes`` has one for each of their values then."""
        series = self._required_collection().series
        self._begin(
            lambda tell: classes_from_labels(series, tell), self._named, "Reading the labels."
        )

    def propose(self, classes: ClassTable, splits: str | None = None) -> None:
        """Plan the project of what was found: ``plan_collection`` in the thread."""
        collection = self._required_collection()
        self.look(lambda: plan_collection(collection, classes=classes, splits=splits))

    def look(self, plan: Callable[[], ImportPlan]) -> None:
        """Find out what there is: ``plan`` in the thread (``plan_import`` with its arguments)."""
        self._begin(lambda _: plan(), self._planned, "Planning the project.")

    def examine(self) -> None:
        """Read every image and labelmap of the plan, and find out what is wrong with them."""
        plan = self._required_plan()
        self._begin(lambda tell: preflight(plan, tell), self._examined, "Reading the series.")

    def create(self, folder: Path, name: str | None = None, **options: Any) -> None:
        """Make the project (``Project.create``); ``made`` is its folder then."""
        plan = self._required_plan()

        def make(tell: Tell) -> Path:
            Project.create(folder, plan, name=name, progress=tell, **options).close()
            return folder

        # Once it is there, it is too late to stop.
        self._begin(make, self._made, "Making the project.", stoppable_at_end=False)

    def cancel(self) -> None:
        """Stop what is under way; nothing of it is left."""
        if self._task is not None:
            self._task.cancel()

    def poll(self, timeout: float = 0.015) -> bool:
        """Wait up to ``timeout`` seconds for what is under way; whether it still is.

        Raises what went wrong; all is as it was before then.
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

    # -- what the user decides --------------------------------------------------------------------

    def take(self, collection: Collection) -> None:
        """The series, where the host found them itself (in a scene, say)."""
        self._require_idle()
        self._gathered(collection)

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

    @property
    def examined(self) -> bool:
        """Whether it is known what is wrong with the series of the plan."""
        return self._report is not None

    @property
    def ready(self) -> bool:
        """Whether everything was examined, and nothing is in the way of the project."""
        findings = self.findings
        whole = self.examined and bool(findings) and not self.problems
        return whole and not any(finding.problem for finding in findings)

    def assign(self, statuses: Mapping[str, str]) -> None:
        """Give series of the plan other statuses (``plan_changes.CHOICES``).

        Raises ProjectError, with all as they were, when one without labels is to have a status that
        needs them.
        """
        self.plan = with_statuses(self._required_plan(), statuses)

    def leave_out(self, *names: str) -> None:
        """Make the project without these series."""
        self.plan = without_series(self._required_plan(), names)
        if self.examined:
            self.sentence = self._verdict()

    def leave_out_unusable(self) -> None:
        """Make the project without the series that something is wrong with.

        Raises ProjectError when there are no others.
        """
        findings = self.findings
        unusable = [finding.series.name for finding in findings if finding.problem]
        if len(unusable) == len(findings):
            raise ProjectError("none of the series can be used; correct them, or choose others")
        self.leave_out(*unusable)

    # -- parts ------------------------------------------------------------------------------------

    def _begin(
        self,
        run: Callable[[Tell], Found],
        apply: Callable[[Found], None],
        sentence: str,
        *,
        stoppable_at_end: bool = True,
    ) -> None:
        self._require_idle()

        def task(control: TaskControl[Progress]) -> Callable[[], None]:
            found = run(_progress(control))
            if stoppable_at_end and control.cancelled():
                raise CreationCancelledError
            return lambda: apply(found)

        self.sentence = sentence
        self._task = BackgroundTask(self._executor, task)

    def _require_idle(self) -> None:
        if self._task is not None:
            raise ProjectError(f"{self.sentence} Wait until that is done, or cancel it")

    def _required_collection(self) -> Collection:
        if self.collection is None:
            raise ProjectError("no series were found yet; choose the images")
        return self.collection

    def _required_plan(self) -> ImportPlan:
        if self.plan is None:
            raise ProjectError("there is nothing to make a project of yet; choose the images")
        return self.plan

    def _gathered(self, collection: Collection) -> None:
        self.collection, self.classes, self.plan, self._report = collection, None, None, None
        labeled = sum(entry.labels is not None for entry in collection.series)
        self.sentence = f"{len(collection.series)} series found, {labeled} of them with labels."

    def _named(self, classes: ClassTable) -> None:
        self.classes = classes
        self.sentence = f"Label values besides the background: {len(classes) - 1}."

    def _planned(self, plan: ImportPlan) -> None:
        self.plan, self._report = plan, None
        self.sentence = f"{len(plan.series)} series found."

    def _examined(self, report: PreflightReport) -> None:
        self._report = report
        self.sentence = self._verdict()

    def _verdict(self) -> str:
        wrong = sum(bool(finding.problem) for finding in self.findings)
        if wrong:
            return f"{wrong} series cannot be used as they are; correct them, or leave them out."
        return "All series can be used."

    def _made(self, folder: Path) -> None:
        self.made = folder
        self.sentence = f"The project is in {folder}."


def _progress(control: TaskControl[Progress]) -> Tell:
    def progress(done: int, total: int, name: str) -> None:
        if control.cancelled():
            raise CreationCancelledError
        control.report((done, total, name))

    return progress
