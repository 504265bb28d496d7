"""What annotators did: every interaction, and the time of every sitting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Interaction
from SAIMCore.project.database import Database
from SAIMCore.project.records import InteractionRecord, SessionRecord
from SAIMCore.project.schema import InteractionRow, SeriesRow, SessionRow
from SAIMCore.project.series import find_row
from SAIMCore.session.activity import check_active_seconds

__all__ = ["InteractionLog", "Sessions"]


class InteractionLog:
    """Every interaction as it was made, also those that were undone later."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        name: str,
        interactions: Sequence[Interaction],
        annotator: str,
        model_version: str | None = None,
    ) -> None:
        """Log ``interactions`` on series ``name``. Raises ProjectError for an unknown series."""
        with self._database.writing() as session:
            series_id = find_row(session, name).id
            session.add_all(
                InteractionRow(
                    series_id=series_id,
                    slice_index=interaction.slice_index,
                    class_index=interaction.class_index,
                    kind=interaction.kind,
                    content=interaction.to_json(),
                    annotator=annotator,
                    model_version=model_version,
                    created=self._database.now(),
                )
                for interaction in interactions
            )

    def of(self, name: str) -> list[InteractionRecord]:
        """The logged interactions on series ``name``, oldest first."""
        query = (
            select(InteractionRow)
            .join(SeriesRow)
            .where(SeriesRow.name == name)
            .order_by(InteractionRow.id)
        )
        with self._database.reading() as session:
            find_row(session, name)
            return [
                InteractionRecord(
                    series=name,
                    slice_index=row.slice_index,
                    class_index=row.class_index,
                    kind=row.kind,
                    content=row.content,
                    annotator=row.annotator,
                    model_version=row.model_version,
                    created=row.created,
                )
                for row in session.scalars(query)
            ]

    def counts(self) -> dict[str, int]:
        """How many interactions were logged on each series; those without any are left out."""
        query = (
            select(SeriesRow.name, func.count(InteractionRow.id).label("made"))
            .join(InteractionRow)
            .group_by(SeriesRow.name)
        )
        with self._database.reading() as session:
            return {row.name: row.made for row in session.execute(query)}


class Sessions:
    """Sittings at a series and how long the annotator was active in each."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def begin(self, name: str, annotator: str, file: Path | None = None) -> int:
        """Start a sitting at series ``name``; returns its id.

        ``file``: the saved session, relative to the project's folder. Raises ProjectError for an
        unknown series.
        """
        with self._database.writing() as session:
            row = SessionRow(
                series_id=find_row(session, name).id,
                annotator=annotator,
                started=self._database.now(),
                file=None if file is None else file.as_posix(),
            )
            session.add(row)
            session.flush()
            return row.id

    def add_active(self, session_id: int, seconds: float) -> None:
        """Add ``seconds`` of activity. Raises ProjectError for an unknown id or a bad number."""
        check_active_seconds(seconds)
        with self._database.writing() as session:
            row = session.get(SessionRow, session_id)
            if row is None:
                raise ProjectError(f"there is no session {session_id}; begin one first")
            row.seconds_active += seconds

    def all(self, name: str | None = None) -> list[SessionRecord]:
        """All sittings, oldest first, or those at series ``name``."""
        query = select(SeriesRow.name, SessionRow).join(SessionRow).order_by(SessionRow.id)
        if name is not None:
            query = query.where(SeriesRow.name == name)
        with self._database.reading() as session:
            return [
                SessionRecord(
                    id=row.id,
                    series=series,
                    annotator=row.annotator,
                    started=row.started,
                    seconds_active=row.seconds_active,
                    file=None if row.file is None else self._folder / row.file,
                )
                for series, row in session.execute(query)
            ]

    def seconds_by_series(self) -> dict[str, float]:
        """Active seconds of all sittings at each series; those without a sitting are left out."""
        query = (
            select(SeriesRow.name, func.sum(SessionRow.seconds_active).label("seconds"))
            .join(SessionRow)
            .group_by(SeriesRow.name)
        )
        with self._database.reading() as session:
            return {row.name: row.seconds for row in session.execute(query)}
