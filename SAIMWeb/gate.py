"""Who gets anything from the server: an aiohttp middleware before all of its routes.

A page of another site that the user has open may try to reach the server with the user's browser.
What such requests cannot give is the right ``Host`` (they come by a name that belongs to that site)
or the right ``Origin``; both are looked at, besides the token.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from SAIMWeb.options import LOOPBACK

__all__ = ["BROWSER_COOKIE", "Gate"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# One for each browser: which of them annotates.
BROWSER_COOKIE = "saim-browser"
TOKEN_COOKIE = "saim-token"
ENTRANCE = "/enter"
# Where pages stay connected.
SOCKET = "/ws"
PAGE = Path(__file__).with_name("token.html")
SECONDS_AFTER_WRONG_TOKEN = 1.0
YEAR = 365 * 24 * 3600

# Nothing of the page may come from, or go to, anywhere else; its address is filled in.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    # Vue makes the page's templates into functions there.
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; "
    # A link to the page may name another server to connect to.
    "font-src 'self' data:; connect-src 'self' ws://{host} wss://{host} blob: data:; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # No other site's page shows our pictures, or keeps a hand on a window with our page.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # With "no-referrer" forms of the page would have no origin.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class Gate:
    """Lets requests through to the program: those of this machine, or with the ``token``."""

    def __init__(self, token: str = "") -> None:
        self._token = token
        # Goes on after the server was started again, and does not tell the token.
        self._pass = hashlib.blake2b(token.encode(), person=b"SAIM pass").hexdigest()
        self._wrong = asyncio.Lock()

    @property
    def middleware(self) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
        """What goes into an application's list of middlewares."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                response = await self._answer(request, handler)
            except web.HTTPException as answer:
                _complete(request, answer)
                raise
            _complete(request, response)
            return response

        return check

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._expected(request):
            return web.Response(
                status=403, text="This request comes from a page that is not SAIM's; refused.\n"
            )
        if self._token and request.path == ENTRANCE and request.method == "POST":
            return await self._enter(request)
        if self._token and not self._has_pass(request):
            return _token_page("", status=401)
        if request.path == SOCKET and not web.WebSocketResponse().can_prepare(request):
            # wslink would keep it as a connection that nobody can end.
            return web.Response(status=426, text="Only SAIM's page connects here.\n")
        return await handler(request)

    def _expected(self, request: web.Request) -> bool:
        """Whether it comes from SAIM's own page, or from the address line of the browser."""
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return False
        return bool(self._token) or urlsplit(f"//{request.host}").hostname in LOOPBACK

    def _has_pass(self, request: web.Request) -> bool:
        given = request.cookies.get(TOKEN_COOKIE, "")
        return hmac.compare_digest(given.encode(), self._pass.encode())

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        given = str((await request.post()).get("token", ""))
        if hmac.compare_digest(given.strip().encode(), self._token.encode()):
            response = web.Response(status=303, headers={"Location": "/"})
            _set_cookie(response, TOKEN_COOKIE, self._pass)
            return response
        # One after the other, so that nobody tries out many at once.
        async with self._wrong:
            await asyncio.sleep(SECONDS_AFTER_WRONG_TOKEN)
        return _token_page(
            "That is not the token. It is the one that the server was started with.", status=403
        )


def _complete(request: web.Request, response: web.StreamResponse) -> None:
    """What every answer says; a web socket has sent its headers already."""
    if not response.prepared:
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = _POLICY.format(host=request.host)
        if BROWSER_COOKIE not in request.cookies:
            _set_cookie(response, BROWSER_COOKIE, secrets.token_urlsafe(16))


def _token_page(problem: str, status: int) -> web.Response:
    text = PAGE.read_text(encoding="utf-8").replace("{problem}", escape(problem))
    return web.Response(status=status, text=text, content_type="text/html")


def _set_cookie(response: web.StreamResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, httponly=True, samesite="Strict", max_age=YEAR)
