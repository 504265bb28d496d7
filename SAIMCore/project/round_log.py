"""The rounds of a project: when each began, what it did, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from SAIMCore.errors import ProjectError
from SAIMCore.project.database import Database
from SAIMCore.project.records import RoundRecord
from SAIMCore.project.schema import RoundRow

__all__ = ["ROUND_STATUSES", "RoundLog"]

RUNNING = "running"
ROUND_STATUSES = (RUNNING, "finished", "cancelled", "failed")


class RoundLog:
    """Begin and finish rounds; at most one runs at a time."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def begin(self, options: Mapping[str, Any] | None = None) -> RoundRecord:
        """Start the next round, with its folder ``runs/round-NNN`` (not yet made).

        ``options``: what it was told to do, as JSON. Raises ProjectError while another one runs.
        """
        with self._database.writing() as session:
            running = session.scalars(select(RoundRow).where(RoundRow.status == RUNNING)).first()
            if running is not None:
                raise ProjectError(
                    f"round {running.number} is still running (since {running.started}); resume "
                    "it or cancel it before beginning another one"
                )
            number = (session.scalar(select(func.max(RoundRow.number))) or 0) + 1
            row = RoundRow(
                number=number,
                status=RUNNING,
                run_folder=f"runs/round-{number:03d}",
                options=dict(options or {}),
                started=self._database.now(),
            )
            session.add(row)
            session.flush()
            return self._record(row)

    def finish(
        self, number: int, status: str, sentence: str, model_version: str | None = None
    ) -> RoundRecord:
        """End round ``number`` with ``status`` ("finished", "cancelled" or "failed").

        ``sentence`` tells the user how it went. Raises ProjectError for an unknown round or
        status, or a round that has already ended.
        """
        if status not in ROUND_STATUSES or status == RUNNING:
            known = ", ".join(ROUND_STATUSES[1:])
            raise ProjectError(f"a round cannot end as {status!r}; choose one of {known}")
        with self._database.writing() as session:
            row = session.get(RoundRow, number)
            if row is None:
                raise ProjectError(f"the project has no round {number}; begin it first")
            if row.status != RUNNING:
                raise ProjectError(f"round {number} has already ended ({row.status})")
            row.status, row.sentence, row.model_version = status, sentence, model_version
            row.finished = self._database.now()
            return self._record(row)

    def note(self, number: int, sentence: str) -> None:
        """Say of round ``number``, which goes on running, what stands in its way.

        Raises ProjectError for an unknown round.
        """
        with self._database.writing() as session:
            row = session.get(RoundRow, number)
            if row is None:
                raise ProjectError(f"the project has no round {number}; begin it first")
            row.sentence = sentence

    def running(self) -> RoundRecord | None:
        """The round that has begun and not ended; after a kill, the one to resume."""
        return next((record for record in self.all() if record.status == RUNNING), None)

    def all(self) -> list[RoundRecord]:
        """All rounds, oldest first."""
        with self._database.reading() as session:
            rows = session.scalars(select(RoundRow).order_by(RoundRow.number))
            return [self._record(row) for row in rows]

    def _record(self, row: RoundRow) -> RoundRecord:
        return RoundRecord(
            number=row.number,
            status=row.status,
            run_folder=self._folder / row.run_folder,
            model_version=row.model_version,
            options=row.options,
            started=row.started,
            finished=row.finished,
            sentence=row.sentence,
        )
