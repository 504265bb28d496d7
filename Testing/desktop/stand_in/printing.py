"""Errors that Slicer only prints: they are noted, so that a test can fail because of them."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

__all__ = ["noted_by_interpreter", "printed", "printing"]

# Exceptions in slots, in an effect's methods and in observers of VTK, in the order they came.
printed: list[BaseException] = []


@contextlib.contextmanager
def printing() -> Iterator[None]:
    """What PythonQt does with an exception in what it calls: it ends here."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 (whatever it is, PythonQt prints it)
        _note(type(error), error, error.__traceback__)


@contextlib.contextmanager
def noted_by_interpreter() -> Iterator[None]:
    """What VTK prints, which calls observers, is noted, too."""
    before, sys.excepthook = sys.excepthook, _note
    try:
        yield
    finally:
        sys.excepthook = before


def _note(_: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    traceback.print_exception(type(error), error, where)
    printed.append(error)
