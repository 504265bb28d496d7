"""What pages may send: the calls that SAIM's page makes, and no others."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from trame_server import Server
from wslink import register
from wslink.backends.aiohttp import WebAppServer
from wslink.chunking import UnChunker
from wslink.websocket import LinkProtocol

from SAIMWeb.trame_host.view_events import event_of_view, size_of_view

__all__ = ["Call", "Calls", "wrap_calls"]

Call = Callable[..., Any]

_log = logging.getLogger(__name__)

_LIFE, _SET = "trame.lifecycle.update", "trame.state.update"
_EVENT, _SIZE = "trame.rca.event", "trame.rca.size"
# What a page's connection is asked with whether it still is one.
_ALIVE = "saim.alive"
_KNOWN = {
    _ALIVE,
    _EVENT,
    _LIFE,
    _SET,
    _SIZE,
    "trame.error.client",
    "trame.rca.drop",
    "trame.rca.reset",
    "trame.rca.video.codecs",
    "trame.rca.video.negotiate",
    "trame.state.get",
    "trame.trigger",
}
# Of what happens to a page; the others are the server's own.
_OF_PAGES = "client_"
# Templates, scripts and styles, which a page would run.
_TRAME = "trame__"
_TEMPLATES = f"{_TRAME}template_"
# What a template binds or sets, as trame writes it; attributes have a quote after the sign.
_CHANGED = re.compile(r'v-model="(\w+)"|\b(\w+)\s*=(?![=>"])')
# What the page's script sets.
_SCRIPT = Path(__file__).with_name("static") / "page.js"
_SET_BY_SCRIPT = re.compile(r'state\.set\("(\w+)"')
# A page sends keys, clicks, and short texts.
LARGEST_MESSAGE = 1 << 20


class Calls(LinkProtocol):
    """Leaves pages the calls of ``_KNOWN``, in short messages; what they set they also show.

    What else they send goes to the log.
    """

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._state = server.state
        self._application: WebAppServer | None = None
        self._set_by_script = set(_SET_BY_SCRIPT.findall(_SCRIPT.read_text(encoding="utf-8")))
        server.add_protocol_to_configure(lambda root: root.registerLinkProtocol(self))
        server.controller.on_server_bind.add(self._limit)

    # -- LinkProtocol ---------------------------------------------------------------------------

    def onConnect(self, request: web.Request, client_id: str) -> None:  # noqa: N802
        assert self._application is not None
        for handler in self._application._ws_handlers:
            handler.unchunkers[client_id] = _ShortMessages()

    @register(_ALIVE)
    def alive(self) -> bool:
        """Answer."""
        return True

    # -- parts ----------------------------------------------------------------------------------

    def _limit(self, application: WebAppServer) -> None:
        self._application = application
        for handler in application._ws_handlers:
            for name in handler.functionMap.keys() - _KNOWN:
                del handler.functionMap[name]
        wrapped = {
            _LIFE: self._live,
            _SET: self._set,
            _EVENT: lambda function: _checked(function, event_of_view),
            _SIZE: lambda function: _checked(function, size_of_view),
        }
        wrap_calls(application, lambda name, function: wrapped.get(name, _as_it_is)(function))

    def _live(self, function: Call) -> Call:
        def live(target: Any, name: str) -> Any:
            if name.startswith(_OF_PAGES):
                return function(target, name)
            _log.warning("a page says that %s; it is not listened to", name)
            return None

        return live

    def _set(self, function: Call) -> Call:
        def update(target: Any, changes: list[dict[str, Any]]) -> Any:
            return function(target, [change for change in changes if self._allows(change["key"])])

        return update

    def _allows(self, key: str) -> bool:
        templates = (
            template
            for name, template in self._state.to_dict().items()
            if name.startswith(_TEMPLATES)
        )
        if not key.startswith(_TRAME) and (
            key in self._set_by_script or any(key in _changed_by(text) for text in templates)
        ):
            return True
        _log.warning("a page wants to set %s, which is the server's; nothing is changed", key)
        return False


def wrap_calls(application: WebAppServer, wrap: Callable[[str, Call], Call]) -> None:
    """Put ``wrap(name, call)`` in place of each call of pages; wslink has no place for that."""
    for handler in application._ws_handlers:
        for name, (target, function) in handler.functionMap.items():
            handler.functionMap[name] = (target, wrap(name, function))


def _as_it_is(function: Call) -> Call:
    return function


def _checked(function: Call, taken: Callable[[object], object]) -> Call:
    """``function`` of an area, an origin and what ``taken`` lets through of what is said."""

    def call(target: Any, area: Any, origin: Any, said: Any) -> Any:
        found = taken(said)
        if found is None:
            _log.warning("a page says %.200r of a view; it is not listened to", said)
            return None
        return function(target, area, origin, found)

    return call


@functools.lru_cache
def _changed_by(template: str) -> frozenset[str]:
    return frozenset(bound or assigned for bound, assigned in _CHANGED.findall(template))


class _ShortMessages(UnChunker):
    """wslink's own reserves as much memory as the first bytes of a message say."""

    def set_max_message_size(self, size: int) -> None:
        self.max_message_size = min(size, LARGEST_MESSAGE)

    def process_chunk(self, chunk: bytes) -> Any:
        message = super().process_chunk(chunk)
        # A page sends one after the other, and each of them at once.
        if len(self.pending_messages) > 1:
            raise ValueError("the parts of several messages came at the same time")
        return message
