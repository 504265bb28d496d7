"""The tables of a project. Times are UTC as ISO 8601 text, files are relative to the project.

Only what SQLite and PostgreSQL share is used.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

__all__ = [
    "SCHEMA_VERSION",
    "AnnotationRow",
    "ClassesRow",
    "InteractionRow",
    "ModelRow",
    "RoundRow",
    "SchemaRow",
    "ScoreRow",
    "SeriesRow",
    "SessionRow",
    "Table",
    "latest_time",
]

# A change of the tables needs a step in ``migration``.
SCHEMA_VERSION = 2


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dict[str, Any]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        list[int]: JSON(none_as_null=True),
    }


class SchemaRow(Table):
    """The one row that says how these tables are laid out."""

    __tablename__ = "schema"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ClassesRow(Table):
    """The one row with the classes of the annotations; databases of early projects lack it."""

    __tablename__ = "classes"

    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[list[dict[str, Any]]]


class SeriesRow(Table):
    """A series: where its image is, and what has become of it."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    path: Mapped[str]
    files: Mapped[list[str]]
    patient: Mapped[str | None]
    geometry: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str | None]
    reference: Mapped[str | None]
    pinned: Mapped[bool] = mapped_column(default=False)
    added: Mapped[str]
    skipped: Mapped[bool] = mapped_column(default=False)
    checksum: Mapped[str | None]


class AnnotationRow(Table):
    """An accepted annotation; ``number`` counts those of one series from 1."""

    __tablename__ = "annotations"
    __table_args__ = (
        UniqueConstraint("series_id", "number"),
        # The database itself refuses a second current annotation of a series.
        Index(
            "one_current_annotation",
            "series_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    number: Mapped[int]
    current: Mapped[bool]
    annotator: Mapped[str]
    minutes: Mapped[float]
    clicks: Mapped[int]
    model_version: Mapped[str | None]
    class_voxels: Mapped[list[int]]
    restored_from: Mapped[int | None]
    created: Mapped[str]

    series: Mapped[SeriesRow] = relationship()


class ScoreRow(Table):
    """What an acquisition strategy gave a series under one model."""

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("series_id", "strategy", "model_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    strategy: Mapped[str]
    model_version: Mapped[str]
    value: Mapped[float]
    created: Mapped[str]

    series: Mapped[SeriesRow] = relationship()


class InteractionRow(Table):
    """One interaction as it was made."""

    __tablename__ = "interactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    slice_index: Mapped[int]
    class_index: Mapped[int]
    kind: Mapped[str]
    content: Mapped[dict[str, Any]]
    annotator: Mapped[str]
    model_version: Mapped[str | None]
    created: Mapped[str]

    series: Mapped[SeriesRow] = relationship()


class SessionRow(Table):
    """One sitting of one annotator at one series."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    annotator: Mapped[str]
    file: Mapped[str | None]
    seconds_active: Mapped[float] = mapped_column(default=0.0)
    started: Mapped[str]

    series: Mapped[SeriesRow] = relationship()


class RoundRow(Table):
    """One SAIM round: select, annotate, retrain, publish."""

    __tablename__ = "rounds"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str]
    run_folder: Mapped[str]
    model_version: Mapped[str | None]
    options: Mapped[dict[str, Any]]
    sentence: Mapped[str | None]
    started: Mapped[str]
    finished: Mapped[str | None]


class ModelRow(Table):
    """A trained model; at most one is the current, shared one."""

    __tablename__ = "models"
    __table_args__ = (
        Index(
            "one_current_model",
            "current",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(unique=True)
    round: Mapped[int | None] = mapped_column(ForeignKey("rounds.number"))
    folder: Mapped[str]
    validation: Mapped[dict[str, Any] | None]
    test: Mapped[dict[str, Any] | None]
    parent: Mapped[str | None]
    current: Mapped[bool] = mapped_column(default=False)
    created: Mapped[str]
    published: Mapped[str | None]


def latest_time(session: Session) -> str:
    """The latest time in the tables, "" where there is none."""
    columns = (
        SeriesRow.added,
        AnnotationRow.created,
        ScoreRow.created,
        SessionRow.started,
        RoundRow.started,
        RoundRow.finished,
        ModelRow.created,
        ModelRow.published,
    )
    found = [session.scalar(select(func.max(column))) for column in columns]
    # Millions of rows, of which the last one is the latest.
    interactions = select(InteractionRow.created).order_by(InteractionRow.id.desc()).limit(1)
    return max(time for time in (*found, session.scalar(interactions), "") if time is not None)
