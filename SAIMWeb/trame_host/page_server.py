"""The server of the page: trame with what SAIM adds around it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from trame.app import get_server
from trame_server import Server
from wslink.backends.aiohttp import WebAppServer

from SAIMWeb.gate import Gate
from SAIMWeb.options import ServerOptions
from SAIMWeb.trame_host.campaign_page import THUMBNAILS

__all__ = ["add_routes", "new_server", "serve"]

STATIC = Path(__file__).with_name("static")
STATIC_ADDRESS = "saim"
# A connection that is gone without a word is noticed after so many seconds.
HEART_BEAT = 10
# Pictures are compressed already, and nothing else is large.
ARGUMENTS = "--server --no-ws-compress"


def new_server(name: str) -> Server:
    """A server of its own for each ``name``; nothing runs yet."""
    server = get_server(name, client_type="vue3", ws_heart_beat=HEART_BEAT)
    server.enable_module(
        {
            "serve": {STATIC_ADDRESS: str(STATIC)},
            "scripts": [f"{STATIC_ADDRESS}/page.js"],
            "styles": [f"{STATIC_ADDRESS}/page.css"],
        }
    )
    server.state.trame__favicon = f"{STATIC_ADDRESS}/SAIM.svg"
    return server


def add_routes(server: Server, gate: Gate, thumbnails: Path) -> None:
    """Put ``gate`` before everything, and serve the files in ``thumbnails``."""

    async def thumbnail(request: web.Request) -> web.StreamResponse:
        # The route lets no separators through, so it is a file in that folder or none.
        file = thumbnails / request.match_info["name"]
        return web.FileResponse(file) if file.is_file() else web.Response(status=404)

    def bind(application: WebAppServer) -> None:
        application.app.middlewares.append(gate.middleware)
        application.app.router.add_get(THUMBNAILS + r"/{name:[0-9a-f]+\.png}", thumbnail)

    server.controller.on_server_bind.add(bind)


async def serve(server: Server, options: ServerOptions, on_ready: Callable[[str], None]) -> None:
    """Answer until ``server.stop``; ``on_ready`` gets the page's address once it can be opened."""
    # What trame would read from this program's own command line.
    os.environ["TRAME_ARGS"] = ARGUMENTS
    host = f"[{options.host}]" if ":" in options.host else options.host
    server.controller.on_server_ready.add(lambda **_: on_ready(f"http://{host}:{server.port}/"))
    await server.start(
        host=options.host,
        port=options.port,
        # It ends when it is told to, not when nobody looks.
        timeout=0,
        open_browser=False,
        show_connection_info=False,
        # Signals are the program's.
        thread=True,
        exec_mode="coroutine",
    )
