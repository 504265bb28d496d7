"""The server from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine
from typing import Any

from SAIMCore.errors import ConfigurationError
from SAIMWeb.gate import Gate
from SAIMWeb.options import ServerOptions
from SAIMWeb.trame_host.calls import Calls
from SAIMWeb.trame_host.failures import Failures
from SAIMWeb.trame_host.page_server import add_routes, new_server, serve
from SAIMWeb.trame_host.polling import PulseInLoop
from SAIMWeb.trame_host.program import Program, streamed_views
from SAIMWeb.trame_host.seats import Seats

__all__ = ["run"]


async def run(options: ServerOptions) -> None:
    """Serve the page until the program is told to end. Raises what opening the project raises."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    loop = asyncio.get_running_loop()
    server = new_server("saim")
    program = Program(server, options.project, streamed_views(server), options.device)
    with contextlib.ExitStack() as parts:
        parts.callback(program.close)
        parts.enter_context(Failures(server, program.messages).watched(loop))
        Calls(server)
        Seats(server, program.views.draw)
        add_routes(server, Gate(options.token), program.thumbnails, program.campaign_page)
        driver = PulseInLoop(program.pulse, server.state, loop)
        parts.callback(driver.stop)
        # On Windows, Ctrl+C ends the loop by an exception instead.
        if sys.platform != "win32":
            _on_signals(server.stop, loop)
        try:
            await serve(server, options, lambda address: _ready(address, options))
        except OSError as error:
            raise ConfigurationError(
                f"the page cannot be served at {options.host}:{options.port} ({error.strerror}); "
                "choose another --port or --host"
            ) from error


def _on_signals(
    end: Callable[[], Coroutine[Any, Any, None]], loop: asyncio.AbstractEventLoop
) -> None:
    """``end`` the program when it is told to; told once more, it goes on with that."""
    ending: list[asyncio.Task[None]] = []

    def told() -> None:
        if not ending:
            ending.append(loop.create_task(end()))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told)


def _ready(address: str, options: ServerOptions) -> None:
    # Other programs wait for this line.
    print(f"SAIM is at {address} (Ctrl+C ends it)", flush=True)
    if options.browser:
        webbrowser.open(address)
