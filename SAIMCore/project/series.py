"""The series of a project: where their images are, and their statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError
from SAIMCore.project.database import Database
from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.patients import patients_across
from SAIMCore.project.records import (
    LABELED_STATUSES,
    POOL_STATUSES,
    STATUSES,
    AnnotationRecord,
    SeriesRecord,
)
from SAIMCore.project.relocation import MovedSeries
from SAIMCore.project.schema import AnnotationRow, SeriesRow

__all__ = ["SeriesRegister", "add_row", "annotation_record", "find_row", "series_record"]


class SeriesRegister:
    """Queries and status changes over the series of one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
            return [series_record(row, annotation) for row, annotation in session.execute(query)]

    def named(self, name: str) -> SeriesRecord:
        """The series called ``name``. Raises ProjectError when there is none."""
        with self._database.reading() as session:
            row = find_row(session, name)
            annotation = session.scalars(
                select(AnnotationRow).where(
                    AnnotationRow.series_id == row.id, AnnotationRow.current
                )
            ).first()
            return series_record(row, annotation)

    def set_statuses(self, statuses: Mapping[str, str], reason: str | None = None) -> None:
        """Give each of the named series a status, all of them or none.

        Raises ProjectError for an unknown series or status, for a status that needs labels when no
        annotation of the series has been accepted, and when a patient of the series would then be
        in more than one split.
        """
        with self._database.writing() as session:
            rows = [find_row(session, name) for name in statuses]
            for row in rows:
                _check_possible(session, row, statuses[row.name])
                row.status, row.reason = statuses[row.name], reason
            session.flush()
            _check_patients(session, rows)

    def relocate(self, moved: Sequence[MovedSeries]) -> None:
        """Change where images and reference labels lie, of all series in ``moved`` or of none."""
        with self._database.writing() as session:
            for entry in moved:
                _set_place(find_row(session, entry.source.name), entry.source, entry.reference)

    def set_checksum(self, name: str, checksum: str) -> None:
        """Keep the checksum of the image of the series ``name``."""
        with self._database.writing() as session:
            find_row(session, name).checksum = checksum

    def pin(self, name: str, pinned: bool = True, reason: str | None = None) -> None:
        """Put the series ``name`` at the head of the queue whatever its score, or take it back.

        It is no longer skipped then. Reasons: see ``Project.pin``.
        """
        with self._database.writing() as session:
            row = find_row(session, name)
            changed = row.pinned != pinned
            row.pinned, row.skipped = pinned, row.skipped and not pinned
            _give_reason(row, reason, changed)

    def skip(self, name: str, skipped: bool = True, reason: str | None = None) -> None:
        """Put the series ``name`` at the end of the queue, or take it back.

        It is no longer pinned then. Reasons: see ``Project.pin``.
        """
        with self._database.writing() as session:
            row = find_row(session, name)
            changed = row.skipped != skipped
            row.pinned, row.skipped = row.pinned and not skipped, skipped
            _give_reason(row, reason, changed)


def add_row(
    session: Session, planned: PlannedSeries, geometry: Geometry, checksum: str, added: str
) -> SeriesRow:
    """Add a series in the transaction ``session``: its grid, its image's checksum, the time.

    Raises ProjectError when the name is taken or the status is unknown.
    """
    _check_status(planned.status)
    if session.scalar(select(SeriesRow.id).where(SeriesRow.name == planned.name)):
        raise ProjectError(
            f"the project already has a series {planned.name!r}; give this one another name"
        )
    row = SeriesRow(
        name=planned.name,
        patient=planned.source.patient,
        geometry=geometry.to_json(),
        status=planned.status,
        reason=planned.reason,
        checksum=checksum,
        added=added,
    )
    _set_place(row, planned.source, planned.labels)
    session.add(row)
    session.flush()
    return row


def _set_place(row: SeriesRow, source: SeriesSource, reference: Path | None) -> None:
    row.path = str(source.path.absolute())
    row.files = [str(file.absolute()) for file in source.files]
    row.reference = None if reference is None else str(reference.absolute())


def _give_reason(row: SeriesRow, reason: str | None, changed: bool) -> None:
    """Keep ``reason``; without one, that of an earlier place in the queue holds no longer."""
    if reason is not None or (changed and row.status in POOL_STATUSES):
        row.reason = reason


def _check_possible(session: Session, row: SeriesRow, status: str) -> None:
    _check_status(status)
    current = select(AnnotationRow.id).where(
        AnnotationRow.series_id == row.id, AnnotationRow.current
    )
    if status in LABELED_STATUSES and not session.scalar(current):
        raise ProjectError(
            f"series {row.name!r} cannot become {status!r}: no annotation of it has been accepted; "
            "annotate it first"
        )


def _check_patients(session: Session, rows: Sequence[SeriesRow]) -> None:
    """Only the patients of ``rows``: what stood before must not block every later change."""
    patients = {row.patient for row in rows if row.patient is not None}
    query = (
        select(SeriesRow.name, SeriesRow.patient, SeriesRow.status)
        .where(SeriesRow.patient.in_(patients))
        .order_by(SeriesRow.name)
    )
    across = patients_across((row.name, row.patient, row.status) for row in session.execute(query))
    if across:
        raise ProjectError(f"{'; '.join(across.values())}, and give them their status together")


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


def series_record(row: SeriesRow, annotation: AnnotationRow | None) -> SeriesRecord:
    """The record of a series, with its current annotation."""
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
        skipped=row.skipped,
        checksum=row.checksum,
    )


def _check_status(status: str) -> None:
    if status not in STATUSES:
        raise ProjectError(f"unknown status {status!r}; choose one of {', '.join(STATUSES)}")
