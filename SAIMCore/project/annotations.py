"""Accepted annotations: filed in the geometry of their image, earlier ones kept."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap, write_labelmap
from SAIMCore.errors import InvalidLabelmapError, ProjectError
from SAIMCore.project.annotation_files import AnnotationFiles
from SAIMCore.project.database import Database
from SAIMCore.project.records import POOL_STATUSES, AnnotationRecord, SeriesRecord
from SAIMCore.project.schema import AnnotationRow, SeriesRow
from SAIMCore.project.series import SeriesRegister, annotation_record, find_row, series_record

__all__ = ["Annotations"]


class Annotations:
    """Accept, read and restore the annotations of one project."""

    def __init__(
        self, folder: Path, database: Database, series: SeriesRegister, classes: ClassTable
    ) -> None:
        self._files = AnnotationFiles(folder)
        self._database = database
        self._series = series
        self.classes = classes

    def accept(
        self,
        name: str,
        labels: NDArray[np.uint8],
        annotator: str,
        minutes: float = 0.0,
        clicks: int = 0,
        model_version: str | None = None,
    ) -> AnnotationRecord:
        """File ``labels`` (K, J, I; class indices) as the current annotation of series ``name``.

        The file is on disk before the database says so; the earlier annotation is kept. A series
        of the pool becomes "annotated", others keep their status.

        Raises InvalidLabelmapError when the labels do not fit the series or the class table, and
        ProjectError for an unknown or excluded series, or a disk that is full or read-only.
        """
        record = self._series.named(name)
        if record.status == "excluded":
            raise ProjectError(f"series {name!r} is excluded; include it before annotating it")
        self._check(record, labels)
        if not (math.isfinite(minutes) and minutes >= 0) or clicks < 0:
            raise ProjectError(
                f"an annotation of series {name!r} cannot have taken {minutes} minutes and "
                f"{clicks} clicks; give numbers of at least 0"
            )
        row = AnnotationRow(
            annotator=annotator,
            minutes=float(minutes),
            clicks=int(clicks),
            model_version=model_version,
        )
        return self._file(record, labels, row)

    def accept_first(
        self, session: Session, series: SeriesRow, labels: NDArray[np.uint8], annotator: str
    ) -> None:
        """File ``labels`` like ``accept``, of a series that the transaction ``session`` adds.

        When that transaction fails, ``discard_first`` must take the file away.
        """
        record = series_record(series, None)
        self._check(record, labels)
        row = AnnotationRow(annotator=annotator, minutes=0.0, clicks=0)
        self._file_in(session, series, record.geometry, labels, row)

    def discard_first(self, name: str) -> None:
        """Remove the labelmap of series ``name``, which the project does not have after all."""
        self._files.front(name).unlink(missing_ok=True)

    def restore(self, name: str, number: int) -> AnnotationRecord:
        """Make the earlier annotation ``number`` of series ``name`` the current one again.

        It is filed as a new annotation that says where it comes from, with no time and no clicks
        of its own. Raises ProjectError when the series has no annotation ``number``.
        """
        record = self._series.named(name)
        earlier = self._numbered(name, number)
        labels = self.load(name, number)
        row = AnnotationRow(
            annotator=earlier.annotator,
            minutes=0.0,
            clicks=0,
            model_version=earlier.model_version,
            restored_from=number,
        )
        return self._file(record, labels, row)

    def history(self, name: str) -> list[AnnotationRecord]:
        """All annotations of series ``name``, oldest first."""
        query = (
            select(AnnotationRow)
            .join(SeriesRow)
            .where(SeriesRow.name == name)
            .order_by(AnnotationRow.number)
        )
        with self._database.reading() as session:
            find_row(session, name)
            return [annotation_record(name, row) for row in session.scalars(query)]

    def path(self, name: str, number: int | None = None) -> Path:
        """File of the current annotation of series ``name``, or of annotation ``number``.

        Raises ProjectError when there is no such annotation.
        """
        record = self._numbered(name, number)
        return self._files.accepted(name, record.number, record.current)

    def load(self, name: str, number: int | None = None) -> NDArray[np.uint8]:
        """Labels (K, J, I; class indices) of the current annotation, or of annotation ``number``.

        Raises ProjectError when there is none, InvalidLabelmapError when its file is damaged.
        """
        geometry = self._series.named(name).geometry
        return read_labelmap(self.path(name, number), geometry, self.classes)

    def reconcile(self) -> list[str]:
        """Make the files agree with the database after a kill; one sentence per thing found."""
        query = (
            select(SeriesRow.name, AnnotationRow.number)
            .join(AnnotationRow)
            .where(AnnotationRow.current)
        )
        with self._database.reading() as session:
            current = {row.name: row.number for row in session.execute(query)}
        return self._files.reconcile(current)

    def _check(self, record: SeriesRecord, labels: NDArray[Any]) -> None:
        shape = record.geometry.array_shape
        if labels.dtype != np.uint8 or labels.shape != shape:
            raise InvalidLabelmapError(
                f"the labels of series {record.name!r} are {labels.dtype} of shape {labels.shape}; "
                f"uint8 of shape {shape} is needed"
            )
        highest = int(labels.max())
        if highest >= len(self.classes):
            raise InvalidLabelmapError(
                f"the labels of series {record.name!r} hold class {highest}; the project's "
                f"classes go from 0 to {len(self.classes) - 1}"
            )

    def _file(
        self, record: SeriesRecord, labels: NDArray[np.uint8], row: AnnotationRow
    ) -> AnnotationRecord:
        with self._database.writing() as session:
            series = find_row(session, record.name)
            return self._file_in(session, series, record.geometry, labels, row)

    def _file_in(
        self,
        session: Session,
        series: SeriesRow,
        geometry: Geometry,
        labels: NDArray[np.uint8],
        row: AnnotationRow,
    ) -> AnnotationRecord:
        mine = AnnotationRow.series_id == series.id
        before = session.scalar(select(AnnotationRow.number).where(mine, AnnotationRow.current))
        last = session.scalar(select(func.max(AnnotationRow.number)).where(mine)) or 0
        session.execute(update(AnnotationRow).where(mine).values(current=False))
        row.series_id, row.number, row.current = series.id, last + 1, True
        row.created = self._database.now()
        row.class_voxels = np.bincount(labels.ravel(), minlength=len(self.classes)).tolist()
        session.add(row)
        if series.status in POOL_STATUSES:
            series.status, series.reason = "annotated", None
        session.flush()
        filed = annotation_record(series.name, row)
        # The files come last in the transaction, so that what the database refuses is refused
        # before they change, and before its commit, so that what it says is on disk.
        if before is not None:
            self._files.keep(series.name, before)
        write_labelmap(self._files.front(series.name), labels, geometry, self.classes)
        return filed

    def _numbered(self, name: str, number: int | None) -> AnnotationRecord:
        for record in self.history(name):
            if record.current if number is None else record.number == number:
                return record
        what = "accepted annotation" if number is None else f"annotation {number}"
        raise ProjectError(f"series {name!r} has no {what}; annotate it first")
