"""The project: one folder (and database) with everything about a data set but its images.

``project.toml`` settings, ``saim.sqlite`` tables, ``annotations/`` accepted labelmaps,
``sessions/`` the work on series as it was left, ``models/round-NNN/``, ``runs/``, ``igniter.json``
what its igniter was measured with, ``cache/`` (may be deleted at any time).
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.cache import CachedSeries, SeriesCache
from SAIMCore.data.labeled import LabeledSeries, open_labeled
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.reading import read_labelmap
from SAIMCore.errors import ProjectError
from SAIMCore.project.activity import InteractionLog, Sessions
from SAIMCore.project.annotations import Annotations
from SAIMCore.project.checks import measured_but_trained_on
from SAIMCore.project.checksums import check_unchanged, image_checksum
from SAIMCore.project.clock import computer_time
from SAIMCore.project.creation import (
    ANNOTATIONS,
    CACHE,
    MODELS,
    RUNS,
    SESSIONS,
    create_project,
)
from SAIMCore.project.database import Database
from SAIMCore.project.filed_classes import check_filed_classes
from SAIMCore.project.filing import file_series
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.importers.preflight import Progress, preflight, silent
from SAIMCore.project.leftovers import remove_project_leftovers
from SAIMCore.project.lock import ProjectLock
from SAIMCore.project.models import Models
from SAIMCore.project.records import POOL_STATUSES, SeriesRecord
from SAIMCore.project.relocation import find_moved
from SAIMCore.project.round_log import RoundLog
from SAIMCore.project.scores import Scores
from SAIMCore.project.series import SeriesRegister
from SAIMCore.project.settings import ProjectSettings

__all__ = ["Project"]


class Project:
    """An open project; use it as a context manager or call ``close``.

    While its folder is not there (a network share that is away), everything raises ProjectError;
    when it is back, the same project goes on.

    annotations, scores, interactions, sessions, rounds, models: one small collaborator for each.
    warnings: sentences about what was found when it was opened (interrupted acceptances, missing
    files). Made by ``create`` and ``open``.
    """

    def __init__(
        self,
        folder: Path,
        settings: ProjectSettings,
        database: Database,
        lock: ProjectLock | None,
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.classes: ClassTable = settings.classes
        self.cache = SeriesCache(folder / CACHE)
        self._database = database
        self._lock = lock
        self._series = SeriesRegister(database)
        self.annotations = Annotations(
            folder / ANNOTATIONS, database, self._series, settings.classes
        )
        self.scores = Scores(database)
        self.interactions = InteractionLog(database)
        self.sessions = Sessions(folder, database)
        self.rounds = RoundLog(folder, database)
        self.models = Models(folder, database)
        self.warnings = () if lock is None else tuple(self.annotations.reconcile())

    @classmethod
    def create(
        cls,
        folder: Path,
        plan: ImportPlan,
        *,
        name: str | None = None,
        progress: Progress = silent,
        **options: Any,
    ) -> Project:
        """Make a project in ``folder`` (new or empty) from ``plan`` and open it for writing.

        name: the folder's name when None. options: further fields of ``ProjectSettings``
        (memory, network, preprocessing, training, selection, publish, automatic_training,
        igniter, database).

        Raises whatever is wrong with the plan's series (all of it at once, see ``preflight``), and
        ProjectError when the folder has content or cannot be written; nothing is left behind.
        """
        folder = Path(folder).absolute()
        settings = ProjectSettings(name or folder.name, computer_time(), plan.classes, **options)
        create_project(folder, plan, settings, progress)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Project:
        """Open the project in ``folder``; for writing by one process at a time.

        Raises ProjectError when there is no project, it is damaged or too new, or its classes were
        changed since it was made,
        ProjectLockedError naming the holder when another process writes to it (opening it
        read-only always works), ConfigurationError when its settings cannot be.
        """
        folder = Path(folder).absolute()
        settings = ProjectSettings.read(folder)
        with contextlib.ExitStack() as undo:
            lock = None
            if not read_only:
                lock = ProjectLock(folder)
                undo.callback(lock.release)
                remove_project_leftovers(folder)
            database = Database(
                folder,
                settings.database,
                read_only=read_only,
                take_lock_again=None if lock is None else lock.take_again,
            )
            undo.callback(database.close)
            check_filed_classes(database, settings.classes)
            project = cls(folder, settings, database, lock)
            undo.pop_all()
        return project

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and let others write. Closing twice does nothing."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def read_only(self) -> bool:
        return self._database.read_only

    def require_writable(self) -> None:
        """Raise ProjectError when the project is open read-only, or its folder is not there."""
        self._database.require_writable()

    def require_reachable(self) -> None:
        """Raise ProjectError when the project's folder is not there."""
        self._database.require_reachable()

    @property
    def runs_folder(self) -> Path:
        """Events, logs and resumable training states, one folder a round."""
        return self.folder / RUNS

    @property
    def sessions_folder(self) -> Path:
        """Saved sessions, ``NAME.session``; it need not be there yet."""
        return self.folder / SESSIONS

    @property
    def models_folder(self) -> Path:
        """Model folders, ``round-NNN``."""
        return self.folder / MODELS

    def series(self, status: str | None = None) -> list[SeriesRecord]:
        """All series by name, or those with ``status``."""
        return self._series.all(None if status is None else (status,))

    def series_named(self, name: str) -> SeriesRecord:
        """The series ``name``. Raises ProjectError when there is none."""
        return self._series.named(name)

    def training_series(self) -> list[SeriesRecord]:
        """The series that training uses: annotated ones, neither validation nor test."""
        return self._series.all(("annotated",))

    def pool(self) -> list[SeriesRecord]:
        """The series without an accepted annotation, of which the queue is made."""
        return self._series.all(POOL_STATUSES)

    def set_status(self, name: str, status: str, reason: str | None = None) -> list[str]:
        """Give a series one of ``STATUSES``; ``reason`` says why (why it is excluded, say).

        Returns and raises what ``set_statuses`` does.
        """
        return self.set_statuses({name: status}, reason)

    def set_statuses(self, statuses: Mapping[str, str], reason: str | None = None) -> list[str]:
        """Give each of the named series a status, all of them or none.

        Returns a sentence for every series that is to be measured on but was trained on. Raises
        ProjectError for an unknown series or status, for a status that needs labels when no
        annotation of the series has been accepted, and for a patient in more than one split.
        """
        self._series.set_statuses(statuses, reason)
        return measured_but_trained_on(statuses, self.models.current())

    def add_series(self, plan: ImportPlan, progress: Progress = silent) -> None:
        """Add the series of ``plan`` (see ``plan_addition``), all of them or none.

        ``progress`` sees every series twice: when it is read and when it is filed. Raises whatever
        is wrong with them, all of it at once (see ``preflight``).
        """
        self.require_writable()
        total = 2 * len(plan.series)
        report = preflight(
            plan, lambda done, _, name: progress(done, total, name), self._series.all()
        )
        report.raise_problems()
        file_series(
            plan.series,
            report,
            self._database,
            self.annotations,
            lambda done, count, name: progress(count + done, total, name),
        )

    def relocate(self, old: Path, new: Path, progress: Progress = silent) -> list[str]:
        """Take the images and reference labels that were in ``old`` from ``new``; names of series.

        All of them or none: every file is read first. Raises ProjectError when no series lies in
        ``old``, and what is wrong with the files in ``new`` (missing, or not the same images).
        """
        self.require_writable()
        moved = find_moved(self._series.all(), old, new, self.classes, progress)
        self._series.relocate(moved)
        return [entry.source.name for entry in moved]

    def verify(self, name: str) -> None:
        """Read all of a series' files and compare them with what was added (see ``cached``, too).

        A series that an early SAIM added has no checksum: it gets one, where the project can be
        written. Raises InvalidImageError when the image is gone or has changed since it was added,
        and ProjectError for an unknown series.
        """
        record = self._series.named(name)
        found = image_checksum(record.source)
        check_unchanged(record, found)
        if record.checksum is None and not self.read_only:
            self._series.set_checksum(name, found)

    def require_unchanged(self, record: SeriesRecord) -> None:
        """Raise InvalidImageError when the image of a series is gone or not what was added.

        Unlike ``verify`` it reads files only where their sizes or times have changed.
        """
        check_unchanged(record, self.cache.digest(record.source))

    def pin(self, name: str, pinned: bool = True, reason: str | None = None) -> None:
        """Put a series at the head of the queue whatever its score, or take it back.

        A skipped series is no longer skipped then. reason: why, instead of the reason before; a
        series of the pool that changes its place without one has none. Raises ProjectError for an
        unknown series.
        """
        self._series.pin(name, pinned, reason)

    def skip(self, name: str, skipped: bool = True, reason: str | None = None) -> None:
        """Put a series at the end of the queue whatever its score, until it is taken back.

        A pinned series is no longer pinned then. reason and errors are those of ``pin``.
        """
        self._series.skip(name, skipped, reason)

    def cached(self, name: str, preprocessing: PreprocessingOptions | None = None) -> CachedSeries:
        """The preprocessed slices (S, H, W) of a series and its grid, from the cache.

        preprocessing: that of the model which reads them; the project's own when None. Raises
        ProjectError for an unknown series, InvalidImageError when its file cannot be used or has
        changed since it was added.
        """
        record = self._series.named(name)
        self.require_unchanged(record)
        return self.cache.series(record.source, preprocessing or self.settings.preprocessing)

    def labeled(
        self, name: str, preprocessing: PreprocessingOptions | None = None
    ) -> LabeledSeries:
        """A series like ``cached``, with its accepted annotation as class indices (S, H, W).

        Raises ProjectError when there is none, InvalidLabelmapError when its file is damaged.
        """
        record = self._series.named(name)
        self.require_unchanged(record)
        options = preprocessing or self.settings.preprocessing
        path = self.annotations.path(name)
        return open_labeled(self.cache, record.source, options, path, self.classes)

    def load_reference(self, name: str) -> NDArray[np.uint8]:
        """Reference labels (K, J, I; class indices) of a series, for the virtual user only.

        Raises ProjectError when none are known, InvalidLabelmapError when they do not fit.
        """
        record = self._series.named(name)
        if record.reference is None:
            raise ProjectError(
                f"series {name!r} has no reference labels; the virtual user needs them, so give "
                "a folder of labels"
            )
        return read_labelmap(record.reference, record.geometry, self.classes)

    def change_settings(self, **changes: Any) -> None:
        """Write changed fields of ``settings`` to ``project.toml`` (see ``ProjectSettings``).

        Raises ProjectError when the project is open read-only, or a change would give accepted
        annotations another meaning (classes that do not have the same structure).
        """
        self.require_writable()
        settings = dataclasses.replace(self.settings, **changes)
        if not settings.classes.same_structure(self.classes):
            raise ProjectError(
                f"the classes cannot become {settings.classes!r}: annotations of {self.classes!r} "
                "are filed; make a new project for other classes"
            )
        settings.write(self.folder)
        self.settings, self.classes = settings, settings.classes
