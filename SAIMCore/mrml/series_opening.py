"""Opening a series for the click effect: what takes seconds, in the worker."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, TypeAlias

import slicer
from numpy.typing import NDArray

from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import SaimError
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.igniter.proposer import IgniterSeries
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.slice_reader import read_series
from SAIMCore.mrml.source_models import SourceModels, preprocessing_of
from SAIMCore.mrml.volume_slices import volume_series, volume_slices
from SAIMCore.project.model_source import ModelSource
from SAIMCore.project.settings import ProjectSettings
from SAIMCore.rounds.background_task import BackgroundTask, TaskControl
from SAIMCore.session.igniter_model import IgniterModel
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal
from SAIMCore.session.round_answers import SessionModel

__all__ = ["OpenedSession", "OpeningTask", "SeriesOpening", "SeriesToOpen"]


@dataclass(frozen=True)
class SeriesToOpen:
    """The series ``name`` on ``grid``, which is annotated in ``segmentation`` and kept."""

    name: str
    grid: SliceGrid
    segmentation: slicer.vtkMRMLSegmentationNode
    journal: AnnotationJournal


@dataclass(frozen=True)
class OpenedSession:
    """``session``, and why it is a new one although another was kept ("": none was).

    not_proposed: why the igniter proposed nothing, "" when it did or was not asked.
    """

    session: InteractiveSession
    problem: str = ""
    not_proposed: str = ""


# It reports what is done and what there is to do; cancelled, it proposes no further slices.
OpeningTask: TypeAlias = BackgroundTask[tuple[int, int], OpenedSession]
Control: TypeAlias = TaskControl[tuple[int, int]]


class SeriesOpening:
    """Sessions of series, made in the thread of ``executor``; the last models stay loaded."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._models = SourceModels()

    def begin(self, series: SeriesToOpen, source: ModelSource, device: str) -> OpeningTask:
        """The session of ``series``: the one that its journal kept, else a new one.

        Where an igniter proposes, a series of which nobody has said anything, and whose segments
        hold nothing, begins with its proposals. To be called in the thread that owns the scene.

        Raises CheckpointError for a folder without a model, what reading a project's settings
        raises, and what ``volume_slices`` raises; the task raises CheckpointError for damaged
        weights, ConfigurationError for a device that does not exist, and where there is no model,
        what opening the igniter raises.
        """
        images = volume_slices(series.grid, preprocessing_of(source))
        ignited = None if source.igniter is None else volume_series(series.grid, series.name)
        proposes = ignited is not None and not _hold_something(series, source)
        kept, problem = _kept(series.journal)
        name = series.grid.volume.GetName()

        def opened(control: Control) -> OpenedSession:
            # An open file could not be replaced on Windows.
            with kept or contextlib.nullcontext():
                model = self._model(source, device, ignited)
                found = _session(model, images(), name, kept, problem)
            if ignited is None or not proposes:
                return found
            return self._proposed(found, source, device, ignited, control)

        return BackgroundTask(self._executor, opened)

    def other_model(
        self,
        grid: SliceGrid,
        name: str,
        source: ModelSource,
        device: str,
        present: PreprocessingOptions,
    ) -> Callable[[], tuple[SessionModel, NDArray[Any] | None]]:
        """A call for the worker: what answers by ``source``, and the slices for it.

        None for the slices where it reads those that were prepared with ``present``. To be called,
        and raises, like ``begin``; the call raises like its task.
        """
        ignited = None if source.folder is not None else volume_series(grid, name)
        wanted = preprocessing_of(source)
        slices = None if wanted == present else volume_slices(grid, wanted)

        def load() -> tuple[SessionModel, NDArray[Any] | None]:
            return self._model(source, device, ignited), None if slices is None else slices()

        return load

    # -- in the worker --------------------------------------------------------------------------

    def _model(
        self, source: ModelSource, device: str, series: IgniterSeries | None
    ) -> SessionModel:
        if source.folder is not None:
            return self._models.predictor(source.folder, device)
        assert series is not None
        return IgniterModel(self._models.igniter(source, device), series, preprocessing_of(source))

    def _proposed(
        self,
        opened: OpenedSession,
        source: ModelSource,
        device: str,
        series: IgniterSeries,
        control: Control,
    ) -> OpenedSession:
        """The session with the igniter's proposals, where nobody has said anything in it."""
        if not opened.session.proposals_only:
            return opened
        try:
            igniter = self._models.igniter(source, device)
            reason = _propose(igniter, opened.session, series, control)
        except SaimError as error:
            # It can be annotated all the same.
            reason = str(error)
        return replace(opened, not_proposed=reason)


def _kept(journal: AnnotationJournal) -> tuple[BinaryIO | None, str]:
    """The session that was kept, if one was and it can be read, and why it cannot."""
    try:
        return journal.saved(), ""
    except SaimError as error:
        return None, str(error)


def _session(
    model: SessionModel,
    images: NDArray[Any],
    name: str,
    kept: BinaryIO | None,
    problem: str,
) -> OpenedSession:
    """The session in ``kept``, else a new one."""
    if kept is None:
        return OpenedSession(InteractiveSession(model, images, name), problem)
    try:
        return OpenedSession(InteractiveSession.restore(kept, model, images))
    except SaimError as error:
        return OpenedSession(InteractiveSession(model, images, name), str(error))


def _propose(
    igniter: MappedIgniter, session: InteractiveSession, series: IgniterSeries, control: Control
) -> str:
    """Let ``igniter`` say something of the slices of which it has not; why it has nothing to say.

    Raises what the igniter raises.
    """
    if not session.waiting_for(igniter.version):
        return ""
    reason = igniter.no_proposal(series.name)
    if reason is not None:
        # Our model may have proposed something beforehand.
        return reason if session.blank else ""

    def progress(done: int, total: int) -> None:
        control.report((done, total))

    proposals = igniter.proposals(series, progress, control.cancelled)
    session.import_proposals(proposals, igniter.version)
    return ""


def _hold_something(series: SeriesToOpen, source: ModelSource) -> bool:
    """Whether there is something in the segments of the classes of the source's project."""
    assert source.project is not None
    classes = ProjectSettings.read(source.project).classes
    return bool(read_series(ClassSegments(series.segmentation, classes), series.grid).any())
