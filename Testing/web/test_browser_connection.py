"""The page when its connection breaks, dies, or ends in the middle of something."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from Testing.web.annotator import Annotator, eventually
from Testing.web.page_server import PageServer, kept_interactions, kept_session
from Testing.web.wire import Wire


@pytest.fixture
def wire(shared_server: PageServer) -> Iterator[Wire]:
    """The line to the module's server."""
    made = Wire(shared_server.port)
    yield made
    made.close()


@pytest.fixture
def afar(wire: Wire, shared_server: PageServer, context: BrowserContext) -> Annotator:
    """Somebody at the other end of it, whose clock can be put forward."""
    page = context.new_page()
    page.clock.install()
    made = Annotator(page, shared_server, wire.address)
    made.open()
    return made


def kept(annotator: Annotator, name: str, count: int) -> None:
    folder = annotator.server.project
    eventually(lambda: kept_interactions(folder, name), lambda found: len(found) == count)


def test_a_connection_that_was_cut_comes_back_by_itself(wire: Wire, afar: Annotator) -> None:
    name = afar.next()
    afar.click(afar.main)
    kept(afar, name, 1)
    wire.cut()
    afar.page.locator("#saim-lost").wait_for()
    wire.mend()
    afar.seated()
    assert afar.state("series") == name
    afar.click(afar.main, 0.4, 0.5)
    kept(afar, name, 2)


def test_a_connection_that_died_without_a_word_is_noticed_at_both_ends(
    wire: Wire, afar: Annotator, other_browser: Callable[[], Annotator]
) -> None:
    name = afar.next()
    other = other_browser()
    other.page.goto(other.address)
    other.page.locator("[data-watching]").wait_for()
    wire.die()
    # The seat is free some seconds later: a heart beat was missed.
    other.wait_for("seat_free", True)
    # The page does not know before it asks, and waits for the answer.
    assert afar.state("seat") == "editing"
    afar.page.clock.fast_forward("11")
    afar.page.clock.fast_forward("16")
    afar.page.locator("#saim-lost").wait_for()
    wire.live()
    afar.seated()
    assert afar.state("series") == name


def test_a_server_that_was_killed_among_clicks_goes_on_where_it_was(
    start_server: Callable[..., PageServer], make_annotator: Callable[[PageServer], Annotator]
) -> None:
    server = start_server()
    annotator = make_annotator(server)
    annotator.open()
    name, folder = annotator.next(), server.project
    for count, place in enumerate((0.4, 0.5, 0.6), start=1):
        annotator.click(annotator.main, place, 0.5)
        kept(annotator, name, count)
    before = kept_session(folder, name)
    annotator.click(annotator.main, 0.5, 0.6)
    os.kill(server.process.pid, signal.SIGKILL)
    annotator.page.locator("#saim-lost").wait_for()
    server.stop()
    start_server("--port", str(server.port))
    # Nobody does anything: the page comes back, and opens the series that it had.
    annotator.seated()
    annotator.opened_after("")
    assert annotator.state("series") == name
    after = kept_session(folder, name)
    found = kept_interactions(folder, name)
    # The last one may have been too late.
    assert len(found) in (3, 4)
    assert before is not None
    assert after is not None
    for index, state in before.states.items():
        assert after.states[index].interactions[: len(state.interactions)] == state.interactions
        if len(found) == 3:
            np.testing.assert_array_equal(after.states[index].labels, state.labels)
    annotator.click(annotator.main, 0.45, 0.45)
    kept(annotator, name, len(found) + 1)
