"""What a table shows of the queue: the rows that pass a filter, sorted by a column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.errors import ConfigurationError

__all__ = ["COLUMNS", "QueueView", "filtered", "ordered"]

# What rows can be sorted by.
COLUMNS = tuple(field.name for field in fields(QueueRow))


def filtered(
    rows: Sequence[QueueRow], text: str = "", statuses: Collection[str] | None = None
) -> list[QueueRow]:
    """The rows with ``text`` in name or patient (in any case) and one of ``statuses`` (None: any).

    Their order stays.
    """
    wanted = text.strip().casefold()
    return [
        row
        for row in rows
        if (statuses is None or row.status in statuses)
        and (wanted in row.name.casefold() or wanted in (row.patient or "").casefold())
    ]


def ordered(rows: Sequence[QueueRow], column: str, descending: bool = False) -> list[QueueRow]:
    """The rows sorted by ``column``; rows without a value there are last in both directions.

    Equal ones keep their order. Raises ConfigurationError for an unknown column.
    """
    if column not in COLUMNS:
        raise ConfigurationError(
            f"the queue has no column {column!r}; choose one of {', '.join(COLUMNS)}"
        )
    present = [row for row in rows if getattr(row, column) is not None]
    absent = [row for row in rows if getattr(row, column) is None]

    def key(row: QueueRow) -> Any:
        value = getattr(row, column)
        return value.casefold() if isinstance(value, str) else value

    return sorted(present, key=key, reverse=descending) + absent


class QueueView:
    """The rows that a virtual table asks for by their places.

    rows: all of them, in the order of the queue, which is that of the table until ``sort``.
    """

    def __init__(self, rows: Sequence[QueueRow] = ()) -> None:
        self._rows = rows
        self._text = ""
        self._statuses: Collection[str] | None = None
        self._column: str | None = None
        self._descending = False
        self._arrange()

    def __len__(self) -> int:
        return len(self._shown)

    def row(self, place: int) -> QueueRow:
        """The row at ``place``, from 0."""
        return self._shown[place]

    def place_of(self, name: str) -> int | None:
        """Where the series ``name`` is, None where it is not shown."""
        return self._places.get(name)

    def show(self, rows: Sequence[QueueRow]) -> None:
        """Show other rows, with the same filter and in the same order."""
        self._rows = rows
        self._arrange()

    def filter(self, text: str = "", statuses: Collection[str] | None = None) -> None:
        """Show the rows that ``filtered`` lets pass."""
        self._text, self._statuses = text, statuses
        self._arrange()

    def sort(self, column: str | None, descending: bool = False) -> None:
        """Sort as ``ordered`` does; None is the order of the queue.

        Raises ConfigurationError for an unknown column; nothing changes then.
        """
        if column is not None:
            ordered((), column)
        self._column, self._descending = column, descending
        self._arrange()

    def _arrange(self) -> None:
        self._shown = filtered(self._rows, self._text, self._statuses)
        if self._column is not None:
            self._shown = ordered(self._shown, self._column, self._descending)
        self._places = {row.name: place for place, row in enumerate(self._shown)}
