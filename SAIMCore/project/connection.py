"""How a project's database is reached, and its errors as sentences."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError

from SAIMCore.errors import ProjectError

__all__ = ["DATABASE_FILE", "advice", "connect", "database_name", "errors_named"]

DATABASE_FILE = "saim.sqlite"
BUSY_SECONDS = 30


def connect(folder: Path, url: str | None, read_only: bool) -> Engine:
    """The database in ``folder``, or behind the address ``url``. Nothing is read yet.

    Raises ProjectError when ``url`` is no address, or its driver is not installed.
    """
    address = _address(folder, url, read_only)
    try:
        if address.get_backend_name() != "sqlite":
            return create_engine(address)
        engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ProjectError(
            f"no driver for the database {address.render_as_string()}: {error}; install it with pip"
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


def database_name(url: str | None) -> str:
    """What sentences call the database: its file, or its address without the password."""
    if url is None:
        return DATABASE_FILE
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


@contextlib.contextmanager
def errors_named(name: str) -> Iterator[None]:
    """Turn what the database ``name`` refuses in the block into a ProjectError."""
    try:
        yield
    except DatabaseError as error:
        found = str(error.orig)
        raise ProjectError(f"the database {name} failed: {found}; {advice(found)}") from error
    except SQLAlchemyError as error:
        raise ProjectError(f"the database {name} failed: {error}") from error


def advice(found: str) -> str:
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
