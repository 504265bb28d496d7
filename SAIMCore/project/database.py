"""A project's database and its transactions."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from SAIMCore.errors import ProjectError
from SAIMCore.project.clock import Clock, computer_time
from SAIMCore.project.connection import DATABASE_FILE, connect, database_name, errors_named
from SAIMCore.project.migration import migrate, read_as_newest
from SAIMCore.project.reachable_folder import ReachableFolder
from SAIMCore.project.schema import SCHEMA_VERSION, SchemaRow, Table, latest_time

__all__ = ["Database"]


class Database:
    """The tables of the project in ``folder``, in SQLite or behind the database ``url``.

    One of an earlier version is brought up to date, or read as it is when ``read_only``.
    take_lock_again: called before writing when the folder was away (see ``ProjectLock``).
    read_time: the computer's clock (see ``Clock``).

    Raises ProjectError when the database is missing, damaged, or made by a newer SAIM.
    """

    def __init__(
        self,
        folder: Path,
        url: str | None = None,
        *,
        read_only: bool = False,
        take_lock_again: Callable[[], None] | None = None,
        read_time: Callable[[], str] = computer_time,
    ) -> None:
        self.read_only = read_only
        self._name = database_name(url)
        if url is None and not (folder / DATABASE_FILE).is_file():
            raise ProjectError(
                f"{folder} has no {DATABASE_FILE}; give the folder of a project, or make one "
                "with 'saim init'"
            )
        self._folder = ReachableFolder(folder, self._forget_connections)
        self._engine = connect(folder, url, read_only)
        self._take_lock_again = take_lock_again
        self._lock_in_doubt = False
        self._clock = Clock(read_time)
        # Reading what is there and writing what follows from it must be one step for all threads.
        self._writing = threading.RLock()
        try:
            self._settle_version()
            if not read_only:
                self._pass_over_times()
        except ProjectError:
            self.close()
            raise

    @staticmethod
    def create(folder: Path, url: str | None = None) -> None:
        """Make empty tables. Raises ProjectError when the database already holds a project."""
        name = database_name(url)
        engine = connect(folder, url, False)
        try:
            with errors_named(name):
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
        engine = connect(folder, url, False)
        try:
            with errors_named(database_name(url)):
                Table.metadata.drop_all(engine)
        finally:
            engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries. Raises ProjectError when the project's folder is not there."""
        with errors_named(self._name), self._folder.used(), Session(self._engine) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction: all of it is stored when the block succeeds, nothing when it fails.

        Raises ProjectError when the project is open read-only, its folder is not there, or its
        disk is full or read-only, and ProjectLockedError when another process began to write to it
        while its folder was away.
        """
        self._refuse_read_only()
        with self._writing, errors_named(self._name), self._folder.used():
            self._settle_lock()
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session

    def now(self) -> str:
        """The present time for a row; later than every time in the database."""
        return self._clock.now()

    def require_reachable(self) -> None:
        """Raise ProjectError when the project's folder is not there."""
        self._folder.require()

    def require_writable(self) -> None:
        """Raise ProjectError when the project is open read-only, or its folder is not there."""
        self._refuse_read_only()
        self._folder.require()

    def close(self) -> None:
        self._engine.dispose()

    def _refuse_read_only(self) -> None:
        if self.read_only:
            raise ProjectError(
                "the project is open read-only and cannot be changed; open it for writing"
            )

    def _forget_connections(self) -> None:
        self._engine.dispose()
        self._lock_in_doubt = True

    def _settle_lock(self) -> None:
        """Make sure that nobody else writes, and go on after what others wrote meanwhile."""
        if self._lock_in_doubt:
            if self._take_lock_again is not None:
                self._take_lock_again()
            self._pass_over_times()
            self._lock_in_doubt = False

    def _pass_over_times(self) -> None:
        with self.reading() as session:
            self._clock.pass_over(latest_time(session))

    def _settle_version(self) -> None:
        with self.reading() as session:
            version = session.scalars(select(SchemaRow.version)).first()
        if version is None or version < 1:
            raise ProjectError(f"{self._name} holds no project; restore it from a backup")
        if version > SCHEMA_VERSION:
            raise ProjectError(
                f"{self._name} has format {version}, this SAIM reads up to {SCHEMA_VERSION}; "
                "update SAIM"
            )
        if version < SCHEMA_VERSION:
            with errors_named(self._name):
                (read_as_newest if self.read_only else migrate)(self._engine, version)
