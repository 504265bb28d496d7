"""The igniter of a campaign: chosen, tried in the background, and relieved by our own model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from SAIMCore.errors import ConfigurationError, ProjectError
from SAIMCore.project.igniter_record import Switch, remove_igniter, set_igniter
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl
from SAIMCore.rounds.proposer import (
    Proposing,
    igniter_is_measured,
    review_igniter,
    who_proposes,
)

if TYPE_CHECKING:
    from SAIMCore.igniter.class_mapping import ClassMapping
    from SAIMCore.project.project import Project
    from SAIMCore.rounds.igniter_choice import FoundIgniter, TriedIgniter

__all__ = ["CampaignIgniter", "IgniterNews", "IgniterState", "mapping_of", "mapping_rows"]

Report = tuple[int, int]
# What the thread gives.
Result: TypeAlias = "FoundIgniter | TriedIgniter | Switch | None"


@dataclass(frozen=True)
class IgniterState:
    """What goes on with the igniter. ``found``: the one that waits for its mapping."""

    running: bool = False
    sentence: str = ""
    found: FoundIgniter | None = None


@dataclass(frozen=True)
class IgniterNews:
    """Something has ended. ``proposer``: another one than before proposes. notes: for the user."""

    proposer: bool = False
    notes: tuple[str, ...] = ()


class CampaignIgniter:
    """The igniter of ``project``; what takes long runs in a thread of ``executor``, one at a time.

    proposer: who proposes, as it was found last. The methods raise what the project raises.
    """

    def __init__(self, project: Project, executor: Executor, device: str = "auto") -> None:
        self._project = project
        self._executor = executor
        self._device = device
        self._task: BackgroundTask[Report, Result] | None = None
        self._doing = ""
        # Something was under way when a review was asked for.
        self._review_waits = False
        self.state = IgniterState()
        self.proposer = who_proposes(project)

    @property
    def busy(self) -> bool:
        """Whether the thread is at work."""
        return self._task is not None

    @property
    def chosen(self) -> str:
        """Where the igniter of the project is, "" when it has none."""
        chosen = self._project.settings.igniter
        return "" if chosen is None else str(self._project.folder / chosen.path)

    def look_at(self, path: Path, description: Path | None = None) -> None:
        """Find out which classes the igniter at ``path`` has; then ``state.found`` is there.

        description: the TOML file of a network that is not beside it. ``poll`` raises what
        ``open_igniter`` raises.
        """
        names = self._project.classes.names

        def find(_: TaskControl[Report]) -> FoundIgniter:
            # Imported here, since it loads torch.
            from SAIMCore.rounds.igniter_choice import find_igniter

            return find_igniter(path, names, description)

        self._project.require_writable()
        self._begin("Looking at the igniter.", find)

    def use(self, mapping: ClassMapping) -> None:
        """Try the igniter that was found with this ``mapping``; then it is that of the project.

        It is measured on the validation series. ``poll`` raises what is wrong with it; the one
        before then stays. Raises ProjectError when none was found, ConfigurationError when a class
        is missing in the mapping, or one of its classes does not exist.
        """
        found = self.state.found
        if found is None:
            raise ProjectError("no igniter was chosen; choose its file or folder first")
        project, device = self._project, self._device
        project.require_writable()
        mapping.check(found.class_names, project.classes.names)

        def attempt(control: TaskControl[Report]) -> TriedIgniter | None:
            from SAIMCore.evaluation import EvaluationStopped
            from SAIMCore.rounds.igniter_choice import igniter_settings, try_igniter

            chosen = igniter_settings(project.folder, found.path, mapping, found.description)
            try:
                return try_igniter(project, chosen, device, _reporting(control), control.cancelled)
            except EvaluationStopped:
                return None

        self._begin("Trying the igniter.", attempt)

    def forget(self) -> None:
        """Do not use the igniter that was found after all."""
        if not self.busy:
            self.state = IgniterState()

    def remove(self) -> None:
        """Leave all proposals to our own models."""
        self._require_idle()
        remove_igniter(self._project)
        self.state = IgniterState()
        self.renew()

    def review(self) -> None:
        """Measure the igniter where that is due, and see whether our model is better by now.

        Nothing where there is no igniter or our models propose already; after what is under way.
        """
        self.renew()
        self._review_waits = self.busy
        if self.busy or self._project.read_only or self.proposer.kind is not Proposing.IGNITER:
            return
        project, device = self._project, self._device

        def review(control: TaskControl[Report]) -> Switch | None:
            from SAIMCore.evaluation import EvaluationStopped

            try:
                return review_igniter(project, device, _reporting(control), control.cancelled)
            except EvaluationStopped:
                return None

        self._begin("Measuring the igniter.", review)

    def renew(self) -> None:
        """Look again who proposes."""
        self.proposer = who_proposes(self._project)

    def poll(self, timeout: float = 0.0) -> IgniterNews | None:
        """Wait up to ``timeout`` seconds for what is under way; what came of it, None before.

        Raises what went wrong with it.
        """
        if self._task is None:
            return None
        done = self._task.wait(timeout)
        reports = self._task.new_reports()
        if reports and reports[-1][1]:
            self._say(f"{self._doing[:-1]}: {reports[-1][0]} of {reports[-1][1]} series.")
        if not done:
            return None
        task, self._task = self._task, None
        self.state = IgniterState(found=self.state.found)
        try:
            return self._taken(task.result())
        finally:
            if self._review_waits and not self.busy:
                self.review()

    def stop(self) -> None:
        """Give up what is under way; what was set before stays."""
        if self._task is not None:
            self._review_waits = False
            self._task.cancel()

    def end(self) -> None:
        """Stop, and wait until it has."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            task.wait()
            self.state = IgniterState(found=self.state.found)

    # -- parts ----------------------------------------------------------------------------------

    def _taken(self, result: Result) -> IgniterNews:
        from SAIMCore.rounds.igniter_choice import FoundIgniter, TriedIgniter

        if isinstance(result, FoundIgniter):
            self.state = IgniterState(found=result)
            return IgniterNews()
        if isinstance(result, TriedIgniter):
            # In this thread, as everything that changes the settings.
            set_igniter(self._project, result.record)
            self.state = IgniterState()
            self._compare()
        self.renew()
        if result is None:
            return IgniterNews()
        notes = result.notes if isinstance(result, TriedIgniter) else ()
        return IgniterNews(True, (self.proposer.sentence, *notes))

    def _compare(self) -> None:
        """Let our model take over at once where it is better than an igniter that was just set."""
        if igniter_is_measured(self._project):
            review_igniter(self._project, self._device)
        else:
            self.review()

    def _begin(self, doing: str, run: Callable[[TaskControl[Report]], Result]) -> None:
        self._require_idle()
        self._doing = doing
        self._task = BackgroundTask(self._executor, run)
        self._say(doing)

    def _say(self, sentence: str) -> None:
        self.state = IgniterState(True, sentence, self.state.found)

    def _require_idle(self) -> None:
        if self.busy:
            raise ProjectError(f"{self.state.sentence[:-1]}: wait until that is done")


def mapping_rows(found: FoundIgniter) -> list[tuple[str, str]]:
    """The classes of an igniter with what each becomes, as text; "" where a person is to say it."""
    known = {name: "+".join(targets) for name, targets in found.mapping.entries}
    return [(name, known.get(name, "")) for name in found.class_names[1:]]


def mapping_of(rows: Sequence[tuple[str, str]]) -> ClassMapping:
    """The mapping in ``mapping_rows`` that a person has filled in.

    Raises ConfigurationError for a class of which nothing is said.
    """
    from SAIMCore.igniter.class_mapping import ClassMapping

    entries = []
    for name, text in rows:
        targets = tuple(part.strip() for part in text.split("+") if part.strip())
        if not targets:
            raise ConfigurationError(
                f"say what the igniter's class {name!r} becomes here: a class, several of them "
                "with + in between, or background"
            )
        entries.append((name, targets))
    return ClassMapping(tuple(entries))


def _reporting(control: TaskControl[Report]) -> Callable[[int, int], None]:
    return lambda done, total: control.report((done, total))
