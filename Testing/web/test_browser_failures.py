"""The page when the program behind it fails, or takes its time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from Testing.web.annotator import Annotator, eventually
from Testing.web.page_server import PageServer, kept_interactions, kept_session

WHAT = "a defect of a test"
# A button that fails, and a network that takes longer than it takes to leave.
BEFORE = f"""
import time
from SAIMCore.session.answering import SliceAnswers
from SAIMWeb.trame_host.editor_page import EditorPage

quick = SliceAnswers.answer

def fail(*arguments):
    raise RuntimeError("{WHAT}")

def answer(*arguments):
    time.sleep(1)
    return quick(*arguments)

EditorPage.lock_segment, SliceAnswers.answer = fail, answer
"""


@pytest.fixture(scope="module")
def shared_server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """A server with these defects."""
    folder = tmp_path_factory.mktemp("failing") / "project"
    shutil.copytree(template, folder)
    server = PageServer(folder, before=BEFORE)
    yield server
    assert server.stop() == 0


def kept(annotator: Annotator, name: str, count: int) -> None:
    folder = annotator.server.project
    eventually(lambda: kept_interactions(folder, name), lambda found: len(found) == count)


def test_a_button_that_fails_says_so_and_the_page_goes_on(annotator: Annotator) -> None:
    name, problem = annotator.next(), annotator.page.locator("[data-problem]")
    annotator.page.get_by_label("Lock or unlock").first.click()
    expect(problem).to_contain_text(WHAT)
    assert WHAT in annotator.server.log
    annotator.click(annotator.main)
    kept(annotator, name, 1)
    # It was about what was done before.
    expect(problem).to_have_count(0)


def test_a_click_is_answered_and_kept_although_its_page_was_closed(
    annotator: Annotator, make_annotator: Callable[[PageServer], Annotator]
) -> None:
    name, server = annotator.next(), annotator.server
    annotator.click(annotator.main)
    annotator.wait_for("effect_busy", True)
    annotator.page.close()
    kept(annotator, name, 1)
    session = kept_session(server.project, name)
    assert session is not None
    (state,) = (state for state in session.states.values() if state.interactions)
    assert state.labels is not None
    again = make_annotator(server)
    again.open()
    assert again.state("series") == name


def test_clicks_made_while_the_model_answers_are_all_answered_after_a_reload(
    annotator: Annotator,
) -> None:
    name = annotator.next()
    for place in (0.4, 0.5, 0.6):
        annotator.click(annotator.main, place, 0.5)
    annotator.sent()
    assert annotator.state("effect_busy")
    annotator.page.reload()
    annotator.seated()
    annotator.settle()
    kept(annotator, name, 3)
