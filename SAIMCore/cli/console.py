"""What commands print: text and progress bars for people, one JSON document for machines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

__all__ = ["Bar", "Console", "add_json_argument"]

UNLIMITED = 10_000


def add_json_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--json`` to a command."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")


class Bar:
    """A progress bar whose length may become known, and change, on the way."""

    def __init__(self, progress: Progress | None, label: str) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=None) if progress else None

    def __call__(self, done: float, total: float | None = None, label: str | None = None) -> None:
        """Show ``done`` of ``total``, and another ``label`` when one is given."""
        if self._progress is None or self._task is None:
            return
        changes: dict[str, Any] = {"completed": done}
        if total is not None:
            changes["total"] = total
        if label is not None:
            changes["description"] = label
        self._progress.update(self._task, **changes)


class Console:
    """Prints for a person, or collects for ``--json``.

    With JSON nothing but the document goes to standard output; progress bars always go to
    standard error, and only where that is a terminal.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        # Where no screen limits it, a table is as wide as what it says.
        width = None if sys.stdout.isatty() else UNLIMITED
        self._out = RichConsole(highlight=False, soft_wrap=True, width=width)
        self._err = RichConsole(stderr=True, highlight=False)

    def say(self, sentence: str) -> None:
        """A sentence for a person; silent with ``--json``."""
        if not self.as_json:
            self._out.print(sentence, markup=False)

    def warn(self, sentence: str) -> None:
        """A sentence that must not be missed; goes to standard error in both modes."""
        self._err.print(f"warning: {sentence}", markup=False, soft_wrap=True)

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None
    ) -> None:
        """A table for a person; silent with ``--json``."""
        if self.as_json:
            return
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            # As Text, so that brackets in names are no markup.
            table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
        self._out.print(table)

    def result(self, document: Mapping[str, Any] | Sequence[Any]) -> None:
        """The command's result, printed with ``--json`` only."""
        if self.as_json:
            json.dump(document, sys.stdout, indent=2, allow_nan=False)
            sys.stdout.write("\n")

    @contextmanager
    def progress(self, label: str) -> Iterator[Bar]:
        """A progress bar while the block runs."""
        if not self._err.is_terminal:
            yield Bar(None, label)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        # What goes to a file must not be drawn around the bar on the terminal instead.
        with Progress(
            *columns, console=self._err, transient=True, redirect_stdout=sys.stdout.isatty()
        ) as progress:
            yield Bar(progress, label)
