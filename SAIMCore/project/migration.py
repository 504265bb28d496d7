"""Databases of earlier versions: brought up to date when written to, read as they are otherwise.

A migration is one transaction, after a backup of an SQLite file; PostgreSQL, whose backups are its
administrator's, has the transaction alone. Whoever calls holds the project's lock.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, update

from SAIMCore.data.atomic import atomic_path
from SAIMCore.errors import ProjectError
from SAIMCore.project.connection import advice
from SAIMCore.project.schema import SCHEMA_VERSION, SchemaRow

__all__ = ["STEPS", "AddedColumn", "Step", "migrate", "read_as_newest"]


@dataclass(frozen=True)
class AddedColumn:
    """A column that a table did not have; ``default`` is what earlier rows hold, as SQL."""

    table: str
    name: str
    kind: str
    default: str


# What changes from a version to the next one.
Step = tuple[AddedColumn, ...]

# The first step leads from version 1 to version 2, and so on.
STEPS: tuple[Step, ...] = (
    (
        AddedColumn("series", "skipped", "BOOLEAN NOT NULL", "FALSE"),
        AddedColumn("series", "checksum", "VARCHAR", "NULL"),
    ),
)


def migrate(engine: Engine, version: int) -> None:
    """Bring the tables behind ``engine`` from ``version`` to ``SCHEMA_VERSION``, all or nothing.

    An SQLite database is copied to ``NAME.version-N.backup`` beside it first. Raises ProjectError
    when the copy cannot be written, and what the database raises.
    """
    if engine.dialect.name == "sqlite":
        _back_up(engine, version)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver begins no transaction of its own before a table is altered.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        for column in _added_since(version):
            connection.exec_driver_sql(
                f"ALTER TABLE {column.table} ADD COLUMN {column.name} {column.kind} "
                f"DEFAULT {column.default}"
            )
        connection.execute(update(SchemaRow).values(version=SCHEMA_VERSION))
        connection.commit()


def read_as_newest(engine: Engine, version: int) -> None:
    """Let ``engine`` show tables of an earlier ``version`` with all their columns of today.

    The database itself stays as it is: each connection gets views of its own, which hide the
    tables.
    """
    columns: dict[str, list[str]] = {}
    for column in _added_since(version):
        columns.setdefault(column.table, []).append(f"{column.default} AS {column.name}")
    # Unlike PostgreSQL, SQLite would take the name for that of the view itself.
    schema = "main." if engine.dialect.name == "sqlite" else ""

    # Before the one that forbids every change of the connection.
    @event.listens_for(engine, "connect", insert=True)
    def add_views(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for table, added in columns.items():
            cursor.execute(
                f"CREATE TEMPORARY VIEW {table} AS SELECT *, {', '.join(added)} "
                f"FROM {schema}{table}"
            )
        cursor.close()
        connection.commit()

    engine.dispose()


def _added_since(version: int) -> list[AddedColumn]:
    return [column for step in STEPS[version - 1 :] for column in step]


def _back_up(engine: Engine, version: int) -> None:
    """Copy the database, with what is in its write-ahead log, to one complete file."""
    assert engine.url.database is not None
    path = Path(engine.url.database)
    backup = path.with_name(f"{path.name}.version-{version}.backup")
    try:
        with (
            atomic_path(backup) as temporary,
            contextlib.closing(engine.raw_connection()) as source,
            contextlib.closing(sqlite3.connect(temporary)) as target,
        ):
            assert isinstance(source.driver_connection, sqlite3.Connection)
            source.driver_connection.backup(target)
            # The copy shall need no file beside it.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise ProjectError(
            f"the database {path} cannot be copied to {backup}, so it was not brought from format "
            f"{version} to {SCHEMA_VERSION}: {error}; {advice(str(error))}"
        ) from error
