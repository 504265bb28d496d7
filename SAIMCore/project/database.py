"""The connection to a project's database, its transactions and its errors as sentences."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from SAIMCore.errors import ProjectError
from SAIMCore.project.schema import SCHEMA_VERSION, SchemaRow, Table

__all__ = ["DATABASE_FILE", "Database"]

DATABASE_FILE = "saim.sqlite"
BUSY_SECONDS = 30


class Database:
    """The tables of the project in ``folder``, in SQLite or behind the database ``url``.

    Raises ProjectError when the database is missing, damaged, or made by a newer SAIM.
    """

    def __init__(self, folder: Path, url: str | None = None, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self._name = DATABASE_FILE if url is None else _without_password(url)
        if url is None and not (folder / DATABASE_FILE).is_file():
            raise ProjectError(
                f"{folder} has no {DATABASE_FILE}; give the folder of a project, or make one "
                "with 'saim init'"
            )
        self._engine = _connect(_address(folder, url, read_only), read_only)
        # Reading what is there and writing what follows from it must be one step for all threads.
        self._writing = threading.RLock()
        try:
            self._check_version()
        except ProjectError:
            self.close()
            raise

    @staticmethod
    def create(folder: Path, url: str | None = None) -> None:
        """Make empty tables. Raises ProjectError when the database already holds a project."""
        name = DATABASE_FILE if url is None else _without_password(url)
        engine = _connect(_address(folder, url, False), False)
        try:
            with _errors_named(name):
                if inspect(engine).has_table(SchemaRow.__tablename__):
                    raise ProjectError(
                        f"the database {name} already holds a project; give an empty database"
                    )
                Table.metadata.create_all(engine)
                with Session(engine) as session, session.begin():
                    session.add(SchemaRow(version=SCHEMA_VERSION))
        finally:
            engine.dispose()

    @staticmethod
    def drop(folder: Path, url: str | None = None) -> None:
        """Remove the tables that ``create`` made, when the rest of a project cannot be made."""
        engine = _connect(_address(folder, url, False), False)
        try:
            with _errors_named(DATABASE_FILE if url is None else _without_password(url)):
                Table.metadata.drop_all(engine)
        finally:
            engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries."""
        with _errors_named(self._name), Session(self._engine) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction: all of it is stored when the block succeeds, nothing when it fails.

        Raises ProjectError when the project is open read-only, or its disk is full or read-only.
        """
        self.require_writable()
        with (
            self._writing,
            _errors_named(self._name),
            Session(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def require_writable(self) -> None:
        """Raise ProjectError when the project is open read-only."""
        if self.read_only:
            raise ProjectError(
                "the project is open read-only and cannot be changed; open it for writing"
            )

    def close(self) -> None:
        self._engine.dispose()

    def _check_version(self) -> None:
        with self.reading() as session:
            version = session.scalars(select(SchemaRow.version)).first()
        if version is None:
            raise ProjectError(f"{self._name} holds no project; restore it from a backup")
        if version != SCHEMA_VERSION:
            advice = "update SAIM" if version > SCHEMA_VERSION else "make the project anew"
            raise ProjectError(
                f"{self._name} has format {version}, this SAIM reads format {SCHEMA_VERSION}; "
                f"{advice}"
            )


def _address(folder: Path, url: str | None, read_only: bool) -> URL:
    if url is not None:
        try:
            return make_url(url)
        except ArgumentError as error:
            raise ProjectError(
                f"{url!r} is no database address; write one like "
                "postgresql+psycopg://user@host/name"
            ) from error
    path = (folder / DATABASE_FILE).absolute()
    if not read_only or os.access(folder, os.W_OK):
        return URL.create("sqlite", database=str(path))
    # Where no file can be made beside the database, SQLite must be told that nobody writes. With
    # a write-ahead log present that may be wrong, and the log must be read.
    query = {"uri": "true", "mode": "ro"}
    if not path.with_name(f"{DATABASE_FILE}-wal").exists():
        query["immutable"] = "1"
    return URL.create("sqlite", database=path.as_uri(), query=query)


def _connect(url: URL, read_only: bool) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(url)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ProjectError(
            f"no driver for the database {url.render_as_string()}: {error}; install it with pip"
        ) from error

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine


@contextlib.contextmanager
def _errors_named(name: str) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        found = str(error.orig)
        raise ProjectError(f"the database {name} failed: {found}; {_advice(found)}") from error
    except SQLAlchemyError as error:
        raise ProjectError(f"the database {name} failed: {error}") from error


def _advice(found: str) -> str:
    """What to do about the database's own words ``found``."""
    words = found.lower()
    if "full" in words or "disk i/o" in words:
        return "free some space on its disk and try again; nothing that was accepted is lost"
    if "readonly" in words or "read-only" in words or "unable to open" in words:
        return "make its folder writable, or open the project read-only"
    if "malformed" in words or "not a database" in words or "no such table" in words:
        return "the file is damaged; restore it from a backup"
    if "locked" in words:
        return "another process uses it; close that one and try again"
    return "check that it can be reached and try again"


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url
