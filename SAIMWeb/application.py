"""The server from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import webbrowser
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMWeb.gate import Gate
from SAIMWeb.options import ServerOptions
from SAIMWeb.trame_host.page_server import add_routes, new_server, serve
from SAIMWeb.trame_host.polling import PulseInLoop
from SAIMWeb.trame_host.program import Program, streamed_views
from SAIMWeb.trame_host.seats import Seats

__all__ = ["run"]

_log = logging.getLogger(__name__)


async def run(options: ServerOptions) -> None:
    """Serve the page until the program is told to end. Raises what opening the project raises."""
    loop = asyncio.get_running_loop()
    server = new_server("saim")
    program = Program(server, options.project, streamed_views(server), options.device)
    with contextlib.ExitStack() as parts:
        parts.callback(program.close)

        def failed(error: BaseException | None) -> None:
            _log.error("SAIM could not do this", exc_info=error)
            with server.state:
                program.messages.complain(
                    f"SAIM could not do this ({error}); what the server printed says more."
                )

        def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            # A browser that has gone is no error.
            if not isinstance(error, ConnectionError):
                failed(error or RuntimeError(context["message"]))

        loop.set_exception_handler(handle)
        server.controller.on_exception.add(failed)
        Seats(server, program.views.draw)
        add_routes(server, Gate(options.token), program.thumbnails)
        driver = PulseInLoop(program.pulse, server.state, loop)
        parts.callback(driver.stop)
        # On Windows, Ctrl+C ends the loop by an exception instead.
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, lambda: loop.create_task(server.stop()))
        try:
            await serve(server, options, lambda address: _ready(address, options))
        except OSError as error:
            raise ConfigurationError(
                f"the page cannot be served at {options.host}:{options.port} ({error.strerror}); "
                "choose another --port or --host"
            ) from error


def _ready(address: str, options: ServerOptions) -> None:
    # Other programs wait for this line.
    print(f"SAIM is at {address} (Ctrl+C ends it)", flush=True)
    if options.browser:
        webbrowser.open(address)
