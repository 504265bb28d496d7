"""Errors of the program itself, shown on the page: none of them only where nobody looks."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from trame_server import Server

from SAIMWeb.trame_host.messages import Messages

__all__ = ["Failures"]

_log = logging.getLogger(__name__)

# Where trame logs, and forgets, what handlers of the page's state and its own tasks raise.
_SILENT = ("trame_server.state", "root")


class Failures:
    """Says on the page what the program could not do; the page stays as usable as it was."""

    def __init__(self, server: Server, messages: Messages) -> None:
        self._server = server
        self._messages = messages
        server.controller.on_exception.add(self.show)

    def show(self, error: BaseException) -> None:
        """Say it, on the page and in full where the server prints."""
        if isinstance(error, ConnectionError):
            # A browser that has gone, perhaps while it was answered, is none.
            return
        _log.error("SAIM could not do this", exc_info=error)
        with self._server.state:
            self._messages.complain(
                f"SAIM could not do this ({error or type(error).__name__}); what the server "
                "printed says more."
            )

    @contextmanager
    def watched(self, loop: asyncio.AbstractEventLoop | None = None) -> Iterator[None]:
        """Show what nobody catches, in ``loop`` or in what VTK calls, while the block runs."""
        hook, silent = sys.excepthook, _Listener(self)
        sys.excepthook = self._raised_in_vtk
        logging.getLogger().addHandler(silent)
        if loop is not None:
            loop.set_exception_handler(self._raised_in_loop)
        try:
            yield
        finally:
            sys.excepthook = hook
            logging.getLogger().removeHandler(silent)
            if loop is not None:
                loop.set_exception_handler(None)

    def _raised_in_loop(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.show(context.get("exception") or RuntimeError(context["message"]))

    def _raised_in_vtk(
        self, _: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        self.show(error.with_traceback(traceback))


class _Listener(logging.Handler):
    """Hears of errors that trame logs, and says them to ``failures``."""

    def __init__(self, failures: Failures) -> None:
        super().__init__(logging.WARNING)
        self._failures = failures

    def emit(self, record: logging.LogRecord) -> None:
        if record.name in _SILENT:
            raised = [*(record.exc_info or ()), *(record.args or ())]
            for error in raised:
                if isinstance(error, BaseException):
                    self._failures.show(error)
