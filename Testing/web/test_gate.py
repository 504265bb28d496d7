"""Who gets anything from the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from SAIMWeb import gate as gate_module
from SAIMWeb.gate import BROWSER_COOKIE, Gate

TOKEN = "a token of a test"
Act = Callable[[TestClient], Awaitable[ClientResponse]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "SECONDS_AFTER_WRONG_TOKEN", 0)


def visit(token: str, *acts: Act) -> list[tuple[int, str, ClientResponse]]:
    """What a browser gets of a page behind the gate, one request after the other."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="the page")

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound("/")

    async def run() -> list[tuple[int, str, ClientResponse]]:
        application = web.Application(middlewares=[Gate(token).middleware])
        application.router.add_get("/", page)
        application.router.add_get("/away", away)
        async with TestClient(TestServer(application), cookie_jar=CookieJar(unsafe=True)) as client:
            found = []
            for act in acts:
                answer = await act(client)
                found.append((answer.status, await answer.text(), answer))
            return found

    return asyncio.run(run())


def get(path: str = "/", **headers: str) -> Act:
    return lambda client: client.get(path, headers=headers, allow_redirects=False)


def enter(token: str) -> Act:
    return lambda client: client.post("/enter", data={"token": token}, allow_redirects=False)


def test_this_machine_needs_no_token() -> None:
    ((status, text, answer),) = visit("", get())
    assert (status, text) == (200, "the page")
    assert BROWSER_COOKIE in answer.cookies
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_page_connects_to_its_own_server_only() -> None:
    ((_, _, answer),) = visit("", get("/?sessionURL=ws://example.org/ws", Host="localhost:8080"))
    (rule,) = (
        rule
        for rule in answer.headers["Content-Security-Policy"].split("; ")
        if rule.startswith("connect-src")
    )
    addresses = {part for part in rule.split() if part.startswith("ws")}
    assert addresses == {"ws://localhost:8080", "wss://localhost:8080"}


def test_what_does_not_stay_connected_does_not_connect() -> None:
    ((status, _, _),) = visit("", get("/ws"))
    assert status == 426
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    # Let through: there is no such route behind this gate.
    ((status, _, _),) = visit("", get("/ws", **upgrade))
    assert status == 404


def test_a_redirection_says_the_same() -> None:
    ((status, _, answer),) = visit("", get("/away"))
    assert status == 302
    assert "Content-Security-Policy" in answer.headers


def test_a_browser_keeps_its_name() -> None:
    (_, _, first), (_, _, second) = visit("", get(), get())
    assert BROWSER_COOKIE in first.cookies
    assert BROWSER_COOKIE not in second.cookies


@pytest.mark.parametrize(
    "headers",
    [{"Host": "saim.example.org"}, {"Origin": "http://example.org"}, {"Origin": "null"}],
)
def test_pages_of_other_sites_get_nothing(headers: dict[str, str]) -> None:
    ((status, text, _),) = visit("", get(**headers))
    assert status == 403
    assert "the page" not in text


def test_without_the_token_there_is_only_the_question() -> None:
    ((status, text, answer),) = visit(TOKEN, get())
    assert status == 401
    assert 'name="token"' in text
    assert "the page" not in text
    assert TOKEN not in text + str(answer.cookies)


def test_the_wrong_token_is_said() -> None:
    (status, text, _), (after, _, _) = visit(TOKEN, enter("another one"), get())
    assert status == 403
    assert "That is not the token" in text
    assert after == 401


def test_wrong_tokens_are_answered_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    answering, most = 0, 0
    pause = asyncio.sleep

    async def sleep(seconds: float) -> None:
        nonlocal answering, most
        answering += 1
        most = max(most, answering)
        for _ in range(5):
            await pause(0)
        answering -= 1

    async def many(client: TestClient) -> ClientResponse:
        return (await asyncio.gather(*(enter(f"guess {n}")(client) for n in range(4))))[-1]

    monkeypatch.setattr(gate_module.asyncio, "sleep", sleep)
    ((status, _, _),) = visit(TOKEN, many)
    assert (status, most) == (403, 1)


def test_the_token_opens_the_page() -> None:
    (status, _, answer), (after, text, _) = visit(TOKEN, enter(f" {TOKEN} "), get())
    assert (status, answer.headers["Location"]) == (303, "/")
    assert (after, text) == (200, "the page")
    assert TOKEN not in str(answer.cookies)


def test_a_pass_of_another_token_is_none() -> None:
    ((_, _, answer),) = visit("the token before", enter("the token before"))
    cookie = answer.cookies["saim-token"].value
    ((status, _, _),) = visit(TOKEN, get(Cookie=f"saim-token={cookie}"))
    assert status == 401
