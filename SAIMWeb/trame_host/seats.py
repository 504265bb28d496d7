"""Which browser annotates: one at a time; the others watch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from aiohttp import web
from trame_server import Server
from wslink.backends.aiohttp import WebAppServer
from wslink.websocket import LinkProtocol

from SAIMWeb.gate import BROWSER_COOKIE
from SAIMWeb.trame_host.calls import Call, wrap_calls

__all__ = ["EDITING", "SEAT", "WATCHING", "Seats"]

# In the page's state, another one for each browser.
SEAT = "seat"
EDITING, WATCHING = "editing", "watching"
TAKE = "take_seat"

# What those who watch may call; of triggers only TAKE.
_HARMLESS = {
    "saim.alive",
    "trame.error.client",
    "trame.lifecycle.update",
    "trame.rca.drop",
    "trame.state.get",
}
_TRIGGER, _SIZE, _STATE = "trame.trigger", "trame.rca.size", "trame.state.get"


class Seats(LinkProtocol):
    """Lets the calls of one page through, and of the others only what changes nothing.

    The first page that connects annotates until it goes, or another one asks for its seat. Opened
    or loaded anew in the same browser, it keeps the seat: the connection before may seem to be
    there for a while. ``on_watching`` is called when somebody begins to watch.
    """

    def __init__(self, server: Server, on_watching: Callable[[], None]) -> None:
        super().__init__()
        self._server = server
        self._on_watching = on_watching
        self._application: WebAppServer | None = None
        # Cookies of the browsers, and the sizes of their views, by connection.
        self._browsers: dict[str, str] = {}
        self._sizes: dict[str, dict[str, tuple[Any, ...]]] = {}
        self._resize: Call = lambda *_: None
        self._editor: str | None = None
        server.state[SEAT] = WATCHING
        server.state.seat_free = False
        server.trigger(TAKE)(self._take)
        server.add_protocol_to_configure(lambda root: root.registerLinkProtocol(self))
        server.controller.on_server_bind.add(self._guard)

    # -- LinkProtocol ---------------------------------------------------------------------------

    def onConnect(self, request: web.Request, client_id: str) -> None:  # noqa: N802
        browser = request.cookies.get(BROWSER_COOKIE, client_id)
        self._browsers[client_id] = browser
        if self._editor is None or self._browsers.get(self._editor) == browser:
            self._seat(client_id)

    def onClose(self, client_id: str) -> None:  # noqa: N802
        del self._browsers[client_id]
        self._sizes.pop(client_id, None)
        if client_id == self._editor:
            self._seat(None)

    # -- parts ----------------------------------------------------------------------------------

    def _seat(self, client_id: str | None) -> None:
        before, self._editor = self._editor, client_id
        for changed in (before, client_id):
            if changed in self._browsers:
                self.publish("trame.state.topic", {SEAT: self._role(changed)}, client_id=changed)
        with self._server.state as state:
            state.seat_free = client_id is None
        for size in self._sizes.get(client_id or "", {}).values():
            self._resize(*size)

    def _role(self, client_id: str | None) -> str:
        return EDITING if client_id == self._editor else WATCHING

    def _take(self) -> None:
        """Let the page that asks for it annotate."""
        self._seat(self._caller)

    @property
    def _caller(self) -> str | None:
        """The connection whose call is being answered."""
        assert self._application is not None
        caller: str | None = self._application.last_active_client_id
        return caller

    def _guard(self, application: WebAppServer) -> None:
        """Look at every call before it is answered."""
        self._application = application
        wrap_calls(application, self._guarded)

    def _guarded(self, name: str, function: Call) -> Call:
        if name == _SIZE:
            self._resize = function

        async def call(*arguments: Any, **options: Any) -> Any:
            caller = self._caller
            if name == _SIZE and caller is not None:
                # Applied when it gets the seat.
                self._sizes.setdefault(caller, {})[arguments[1]] = arguments
                if caller != self._editor:
                    self._on_watching()
            taking = name == _TRIGGER and len(arguments) > 1 and arguments[1] == TAKE
            if caller != self._editor and name not in _HARMLESS and not taking:
                return None
            answer = function(*arguments, **options)
            if inspect.isawaitable(answer):
                answer = await answer
            if name == _STATE:
                answer["state"][SEAT] = self._role(caller)
            return answer

        return call
