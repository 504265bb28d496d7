"""Getting a series ready for its annotator before it is asked for: read, checked, pre-segmented."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.campaign.drafts import Drafts, first_labels
from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.data.reading import read_series
from SAIMCore.errors import SaimError
from SAIMCore.project.journal import session_path
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl

if TYPE_CHECKING:
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.session.interactive import InteractiveSession

__all__ = ["SeriesPreparation"]


@dataclass(frozen=True)
class _Begun:
    """The series that is being prepared, and the model that segments it."""

    name: str
    model_version: str | None
    task: BackgroundTask[tuple[int, int], PreparedSeries]


class SeriesPreparation:
    """Prepares one series at a time in a thread of ``executor``, and keeps the last one.

    What the current model says of all its slices is saved as its session, unless somebody has
    worked on it: then the session stays as it is.
    """

    def __init__(self, project: Project, executor: Executor, device: str = "auto") -> None:
        self._project = project
        self._executor = executor
        self._device = device
        self._begun: _Begun | None = None
        # The last model stays loaded: that of the series after this one is the same.
        self._loaded: tuple[Path, Predictor] | None = None

    @property
    def busy(self) -> bool:
        """Whether the thread is at work."""
        return self._begun is not None and not self._begun.task.done

    def begin(self, name: str) -> None:
        """Prepare the series ``name``, in place of the one before; nothing if it is that one.

        One that failed, or was not segmented for somebody who did not wait for it after all, is
        prepared anew.
        """
        model = self._project.models.current()
        version = None if model is None else model.version
        if self._begun is not None:
            begun, task = self._begun, self._begun.task
            usable = not (task.failed or task.cancelled)
            if usable and (begun.name, begun.model_version) == (name, version):
                return
            task.cancel()
        folder = None if model is None else model.folder

        def prepare(control: TaskControl[tuple[int, int]]) -> PreparedSeries:
            return self._prepare(name, folder, control)

        self._begun = _Begun(name, version, BackgroundTask(self._executor, prepare))

    def hurry(self) -> None:
        """Somebody waits for it: no further slices are segmented beforehand."""
        if self._begun is not None:
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
        self, name: str, model: Path | None, control: TaskControl[tuple[int, int]]
    ) -> PreparedSeries:
        project = self._project
        project.verify(name)
        record = project.series_named(name)
        volume = read_series(record.source)
        labels = first_labels(project, name)
        problem = ""
        if model is not None and not project.read_only and not control.cancelled():
            try:
                self._segment(name, model, control)
            except SaimError as error:
                # It can be annotated all the same.
                problem = f"series {name!r} was not segmented beforehand: {error}"
        return PreparedSeries(name, volume, labels, project.classes, problem)

    def _segment(self, name: str, model: Path, control: TaskControl[tuple[int, int]]) -> None:
        """Save what the model says of the series, unless it is annotated or worked on."""
        if self._project.series_named(name).annotation is not None:
            return
        if Drafts(self._project).path(name).exists():
            return
        session = self._session_without_work(name, model)
        if session is None:
            return

        def progress(done: int, total: int) -> None:
            control.report((done, total))

        if session.segment_series(progress, control.cancelled) is not None:
            self._project.require_writable()
            file = session_path(self._project, name)
            with disk_errors_named(file.parent):
                file.parent.mkdir(exist_ok=True)
            # It is no step that the annotator took, so there is none to undo.
            session.save(file, with_history=False)

    def _session_without_work(self, name: str, model: Path) -> InteractiveSession | None:
        """The session of the series; None when an annotator has done something in it."""
        from SAIMCore.session.interactive import InteractiveSession

        predictor = self._predictor(model)
        slices = self._project.cached(name, predictor.preprocessing).slices
        file = session_path(self._project, name)
        if not file.exists():
            return InteractiveSession(predictor, slices, name)
        try:
            session = InteractiveSession.restore(file, predictor, slices, name)
        except SaimError:
            # Whoever opens the series is told, and it is kept aside.
            return None
        return session if session.proposals_only else None

    def _predictor(self, model: Path) -> Predictor:
        from SAIMCore.predictor import Predictor

        if self._loaded is None or self._loaded[0] != model:
            self._loaded = None
            self._loaded = model, Predictor.load(model, self._device, self._project.classes)
        return self._loaded[1]
