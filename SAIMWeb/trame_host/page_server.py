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
from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.models_page import EXPORTS
from SAIMWeb.trame_host.queue_page import THUMBNAILS

__all__ = ["add_routes", "new_server", "serve"]

STATIC = Path(__file__).with_name("static")
STATIC_ADDRESS = "saim"
# A connection that is gone without a word is noticed after so many seconds.
HEART_BEAT = 10
# Pictures are compressed already, and nothing else is large.
ARGUMENTS = "--server --no-ws-compress"
# Where tables and pictures of a campaign are fetched from.
DOWNLOADS = "/downloads"
# To be kept by the browser, not shown in place of the page.
KEPT = {"Content-Disposition": "attachment"}


def new_server(name: str) -> Server:
    """A server of its own for each ``name``; nothing runs yet."""
    server = get_server(name, client_type="vue3", ws_heart_beat=HEART_BEAT)
    server.enable_module(
        {
            "serve": {STATIC_ADDRESS: str(STATIC)},
            "scripts": [f"{STATIC_ADDRESS}/page.js", f"{STATIC_ADDRESS}/typed.js"],
            "vue_use": ["saimTyped"],
            "styles": [f"{STATIC_ADDRESS}/page.css"],
        }
    )
    server.state.trame__favicon = f"{STATIC_ADDRESS}/SAIM.svg"
    return server


def add_routes(server: Server, gate: Gate, thumbnails: Path, campaign: CampaignPage) -> None:
    """Put ``gate`` before everything; serve the files in ``thumbnails`` and of ``campaign``."""

    # The routes let no separators through, so a name is a file in its folder or none.
    async def thumbnail(request: web.Request) -> web.StreamResponse:
        file = thumbnails / request.match_info["name"]
        return web.FileResponse(file) if file.is_file() else web.Response(status=404)

    async def export(request: web.Request) -> web.StreamResponse:
        file = campaign.exports.file(request.match_info["name"])
        return _absent() if file is None else web.FileResponse(file, headers=KEPT)

    async def download(request: web.Request) -> web.StreamResponse:
        made = campaign.downloads.make(request.match_info["name"])
        if made is None:
            return _absent()
        return web.Response(body=made.content, content_type=made.kind, headers=KEPT)

    def bind(application: WebAppServer) -> None:
        application.app.middlewares.append(gate.middleware)
        router = application.app.router
        router.add_get(THUMBNAILS + r"/{name:[0-9a-f]+\.png}", thumbnail)
        router.add_get(EXPORTS + "/{name}", export)
        router.add_get(DOWNLOADS + "/{name}", download)

    server.controller.on_server_bind.add(bind)


def _absent() -> web.Response:
    return web.Response(status=404, text="There is no such file, or nothing to be in it yet.\n")


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
