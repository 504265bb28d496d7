"""The series of a project: where their images are, and their statuses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError
from SAIMCore.project.database import Database
from SAIMCore.project.records import (
    LABELED_STATUSES,
    STATUSES,
    AnnotationRecord,
    SeriesRecord,
)
from SAIMCore.project.schema import AnnotationRow, SeriesRow

__all__ = ["SeriesRegister", "annotation_record", "find_row"]


class SeriesRegister:
    """Queries and status changes over the series of one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        source: SeriesSource,
        geometry: Geometry,
        status: str,
        reference: Path | None = None,
        reason: str | None = None,
    ) -> None:
        """Add a series. Raises ProjectError when the name is taken or the status is unknown."""
        _check_status(status)
        with self._database.writing() as session:
            if session.scalar(select(SeriesRow.id).where(SeriesRow.name == source.name)):
                raise ProjectError(
                    f"the project already has a series {source.name!r}; give this one another name"
                )
            session.add(
                SeriesRow(
                    name=source.name,
                    path=str(source.path.absolute()),
                    files=[str(file.absolute()) for file in source.files],
                    patient=source.patient,
                    geometry=geometry.to_json(),
                    status=status,
                    reason=reason,
                    reference=None if reference is None else str(reference.absolute()),
                )
            )

    def all(self, statuses: Sequence[str] | None = None) -> list[SeriesRecord]:
        """All series by name, or those with one of ``statuses``."""
        query = (
            select(SeriesRow, AnnotationRow)
            .outerjoin(
                AnnotationRow,
                (AnnotationRow.series_id == SeriesRow.id) & AnnotationRow.current,
            )
            .order_by(SeriesRow.name)
        )
        if statuses is not None:
            for status in statuses:
                _check_status(status)
            query = query.where(SeriesRow.status.in_(statuses))
        with self._database.reading() as session:
            return [_series_record(row, annotation) for row, annotation in session.execute(query)]

    def named(self, name: str) -> SeriesRecord:
        """The series called ``name``. Raises ProjectError when there is none."""
        with self._database.reading() as session:
            row = find_row(session, name)
            annotation = session.scalars(
                select(AnnotationRow).where(
                    AnnotationRow.series_id == row.id, AnnotationRow.current
                )
            ).first()
            return _series_record(row, annotation)

    def set_status(self, name: str, status: str, reason: str | None = None) -> None:
        """Give the series ``name`` a status.

        Raises ProjectError for an unknown series or status, and for a status that needs labels
        when no annotation of the series has been accepted.
        """
        _check_status(status)
        with self._database.writing() as session:
            row = find_row(session, name)
            if status in LABELED_STATUSES and not session.scalar(
                select(AnnotationRow.id).where(
                    AnnotationRow.series_id == row.id, AnnotationRow.current
                )
            ):
                raise ProjectError(
                    f"series {name!r} cannot become {status!r}: no annotation of it has been "
                    "accepted; annotate it first"
                )
            row.status = status
            row.reason = reason

    def pin(self, name: str, pinned: bool = True) -> None:
        """Put the series ``name`` at the head of the queue whatever its score, or take it back."""
        with self._database.writing() as session:
            find_row(session, name).pinned = pinned


def find_row(session: Session, name: str) -> SeriesRow:
    """The row of the series ``name``. Raises ProjectError when there is none."""
    row = session.scalars(select(SeriesRow).where(SeriesRow.name == name)).first()
    if row is None:
        raise ProjectError(
            f"the project has no series {name!r}; 'saim status' lists the series that it has"
        )
    return row


def annotation_record(name: str, row: AnnotationRow) -> AnnotationRecord:
    """The record of one annotation of the series ``name``."""
    return AnnotationRecord(
        series=name,
        number=row.number,
        current=row.current,
        annotator=row.annotator,
        created=row.created,
        minutes=row.minutes,
        clicks=row.clicks,
        model_version=row.model_version,
        class_voxels=tuple(row.class_voxels),
        restored_from=row.restored_from,
    )


def _series_record(row: SeriesRow, annotation: AnnotationRow | None) -> SeriesRecord:
    source = SeriesSource(
        name=row.name,
        path=Path(row.path),
        files=tuple(Path(file) for file in row.files),
        patient=row.patient,
    )
    return SeriesRecord(
        source=source,
        geometry=Geometry.from_json(row.geometry),
        status=row.status,
        reason=row.reason,
        reference=None if row.reference is None else Path(row.reference),
        pinned=row.pinned,
        added=row.added,
        annotation=None if annotation is None else annotation_record(row.name, annotation),
    )


def _check_status(status: str) -> None:
    if status not in STATUSES:
        raise ProjectError(f"unknown status {status!r}; choose one of {', '.join(STATUSES)}")
