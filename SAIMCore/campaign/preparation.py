"""Getting a series ready for its annotator before it is asked for: read, checked, pre-segmented."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SAIMCore.campaign.drafts import first_labels
from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.campaign.proposals import Proposals
from SAIMCore.data.reading import read_series
from SAIMCore.errors import SaimError
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl
from SAIMCore.rounds.proposer import Proposer, Proposing, who_proposes

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["SeriesPreparation"]


@dataclass(frozen=True)
class _Begun:
    """The series that is being prepared, and who proposes its labels."""

    name: str
    proposer: Proposer
    task: BackgroundTask[tuple[int, int], PreparedSeries]


class SeriesPreparation:
    """Prepares one series at a time in a thread of ``executor``, and keeps the last one.

    What the current model or the igniter says of all its slices is saved as its session, unless
    somebody has worked on it: then the session stays as it is (``Proposals``).
    """

    def __init__(self, project: Project, executor: Executor, device: str = "auto") -> None:
        self._project = project
        self._executor = executor
        self._proposals = Proposals(project, device)
        self._begun: _Begun | None = None
        self._progress: tuple[int, int] | None = None

    @property
    def busy(self) -> bool:
        """Whether the thread is at work."""
        return self._begun is not None and not self._begun.task.done

    @property
    def progress(self) -> tuple[int, int] | None:
        """Slices that are segmented beforehand so far, and all of them; None while none are."""
        reports = [] if self._begun is None else self._begun.task.new_reports()
        if reports:
            self._progress = reports[-1]
        return self._progress

    def begin(self, name: str) -> None:
        """Prepare the series ``name``, in place of the one before; nothing if it is that one.

        One that failed, or was not segmented for somebody who did not wait for it after all, is
        prepared anew.
        """
        proposer = who_proposes(self._project)
        if self._begun is not None:
            begun, task = self._begun, self._begun.task
            usable = not (task.failed or task.cancelled)
            if usable and begun.name == name and begun.proposer.same_as(proposer):
                return
            task.cancel()

        def prepare(control: TaskControl[tuple[int, int]]) -> PreparedSeries:
            return self._prepare(name, proposer, control)

        self._begun = _Begun(name, proposer, BackgroundTask(self._executor, prepare))
        self._progress = None

    def hurry(self) -> None:
        """Somebody waits for it: no further slices are segmented beforehand.

        An igniter is waited for: it may know volumes only, and our model would not ask it.
        """
        if self._begun is not None and self._begun.proposer.kind is not Proposing.IGNITER:
            self._begun.task.cancel()

    def wait(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds; whether there is a series that is prepared."""
        return self._begun is not None and self._begun.task.wait(timeout)

    def take(self) -> PreparedSeries:
        """The prepared series, once it is done.

        Raises InvalidImageError when its image is gone, was changed or cannot be read, and
        whatever else went wrong with it.
        """
        assert self._begun is not None
        begun, self._begun = self._begun, None
        return begun.task.result()

    def end(self) -> None:
        """Stop, and wait until it has."""
        if self._begun is not None:
            begun, self._begun = self._begun, None
            begun.task.cancel()
            begun.task.wait()

    # -- in the thread --------------------------------------------------------------------------

    def _prepare(
        self, name: str, proposer: Proposer, control: TaskControl[tuple[int, int]]
    ) -> PreparedSeries:
        project = self._project
        project.verify(name)
        record = project.series_named(name)
        volume = read_series(record.source)
        labels = first_labels(project, name)
        problem = ""
        proposing = proposer.kind is not Proposing.NOBODY
        if proposing and not project.read_only and not control.cancelled():
            try:
                self._proposals.write(
                    name,
                    proposer,
                    lambda done, total: control.report((done, total)),
                    control.cancelled,
                )
            except SaimError as error:
                # It can be annotated all the same. An igniter is asked again as the series is
                # opened, and what is wrong with it is said there.
                if proposer.kind is not Proposing.IGNITER:
                    problem = f"series {name!r} was not segmented beforehand: {error}"
        return PreparedSeries(name, volume, labels, project.classes, problem)
