"""What the server gives away, and lets be done, to whoever can reach it."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from Testing.web.page_server import PageServer
from Testing.web.raw_page import Call, ask, begin_of_message, closes_on, fetch

STATE, UPDATE = Call("trame.state.get"), "trame.state.update"
# Where files are served from, and ways out of there.
ROUTES = ("/thumbnails", "/saim", "/downloads", "/exports", "/assets", "")
WAYS_OUT = (
    "/../project.toml",
    "/..%2fproject.toml",
    "/%2e%2e/%2e%2e/project.toml",
    "/..%5cproject.toml",
    "/....//project.toml",
    "/..%252fproject.toml",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/..%00/project.toml",
    f"/{'../' * 12}etc/passwd",
    f"/{'..%2f' * 12}etc/passwd",
)


def state_of(server: PageServer) -> dict[str, Any]:
    (answer,) = ask(server, STATE)
    state: dict[str, Any] = answer["result"]["state"]
    return state


@pytest.mark.parametrize("route", ROUTES)
def test_no_path_leads_out_of_what_is_served(shared_server: PageServer, route: str) -> None:
    for way in WAYS_OUT:
        status, content = fetch(shared_server, route + way)
        assert status in (400, 403, 404), way
        assert b"root:" not in content
        assert b"[[" not in content


@pytest.mark.parametrize("path", ["/saim/", "/saim", "/thumbnails/", "/exports/", "/assets/"])
def test_no_folder_is_listed(shared_server: PageServer, path: str) -> None:
    status, _ = fetch(shared_server, path)
    assert status in (403, 404)


@pytest.mark.parametrize("path", ["/project.toml", "/saim.sqlite", "/server.log", "/paraview/"])
def test_the_project_itself_is_not_served(shared_server: PageServer, path: str) -> None:
    assert fetch(shared_server, path)[0] == 404


def test_requests_by_another_name_get_nothing(shared_server: PageServer) -> None:
    status, content = fetch(shared_server, "/index.html", Host="saim.example.org")
    assert status == 403
    assert b"<html" not in content
    status, _ = fetch(shared_server, "/saim/page.js", Origin="http://example.org")
    assert status == 403


@pytest.mark.parametrize(
    "method",
    [
        "application.exit",
        "application.exit.later",
        "trame.force.push",
        "trame.rca.push",
        "viewport.image.push",
        "__init__",
        "initialize",
    ],
)
def test_pages_call_nothing_that_a_page_has_no_use_for(
    shared_server: PageServer, method: str
) -> None:
    refused, alive = ask(shared_server, Call(method), Call("saim.alive"))
    assert "error" in refused
    assert alive["result"] is True


@pytest.mark.parametrize("event", ["server_ready", "server_bind", "exception", "server_exited"])
def test_pages_say_nothing_in_the_name_of_the_server(shared_server: PageServer, event: str) -> None:
    (answer,) = ask(shared_server, Call("trame.lifecycle.update", (event,)))
    assert answer["result"] is None
    assert state_of(shared_server)["problem"] == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trame__template_main", "<b onclick='alert(1)'>"),
        ("trame__scripts", ["http://example.org/x.js"]),
        ("trame__title", "another one"),
        ("curve", "<img src=x onerror=alert(1)>"),
        ("series", "case1"),
        ("project_name", "another one"),
        ("read_only_because", "me"),
        ("seat", "editing"),
        ("of_no_use", 1),
    ],
)
def test_pages_set_only_what_their_user_can_change(
    shared_server: PageServer, key: str, value: object
) -> None:
    change = {"key": key, "value": value}
    before, _, after = ask(shared_server, STATE, Call(UPDATE, ([change],)), STATE)
    assert after["result"]["state"].get(key) == before["result"]["state"].get(key)
    assert key in shared_server.log


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("trame.rca.event", {"type": "KeyPress", "key": "a", "keyCode": "a"}),
        ("trame.rca.event", {"type": "MouseMove", "x": None, "y": [1]}),
        ("trame.rca.event", {"type": "Pinch", "positions": [1]}),
        ("trame.rca.size", {"w": 1_000_000, "h": 1_000_000}),
        ("trame.rca.size", {"w": "wide"}),
    ],
)
def test_what_no_page_says_of_a_view_is_not_listened_to(
    shared_server: PageServer, method: str, said: object
) -> None:
    told, alive = ask(shared_server, Call(method, ("Red", "page", said)), Call("saim.alive"))
    assert told["result"] is None
    assert alive["result"] is True
    assert "it is not listened to" in shared_server.log


def test_pages_set_what_their_user_can_change(shared_server: PageServer) -> None:
    changes = [{"key": "opacity", "value": 0.7}, {"key": "queue_text", "value": "case"}]
    ask(shared_server, Call(UPDATE, (changes,)))
    state = state_of(shared_server)
    assert (state["opacity"], state["queue_text"]) == (0.7, "case")


def test_memory_is_not_reserved_for_what_is_only_announced(shared_server: PageServer) -> None:
    process = psutil.Process(shared_server.process.pid)
    before = process.memory_info().rss
    assert closes_on(shared_server, begin_of_message(1, 2_000_000_000))
    many = [begin_of_message(number, 1_000_000) for number in range(200)]
    assert closes_on(shared_server, *many)
    assert process.memory_info().rss - before < 100_000_000
    assert ask(shared_server, Call("saim.alive"))[0]["result"] is True


@pytest.mark.parametrize("message", [b"", b"?", begin_of_message(1, 1, b"\xc1"), b"\0" * 2_000_000])
def test_who_talks_nonsense_is_not_listened_to_any_more(
    shared_server: PageServer, message: bytes
) -> None:
    assert closes_on(shared_server, message)
    assert ask(shared_server, Call("saim.alive"))[0]["result"] is True


def test_a_request_that_is_no_connection_is_refused(shared_server: PageServer) -> None:
    # Kept as one, it would be in the way of the server's end, which this module waits for.
    assert fetch(shared_server, "/ws")[0] == 426
