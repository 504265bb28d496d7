"""Fields in a browser: refused numbers go, and what somebody types stays, however slow the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining
from Testing.web.annotator import Annotator, eventually
from Testing.web.page_bench import forget_models
from Testing.web.page_server import PageServer

# What the page says is held back, or sent after all.
HOLD = """() => {
    const socket = WebSocket.prototype;
    window.held = [], window.truly = socket.send;
    socket.send = function (message) { window.held.push([this, message]) };
}"""
SEND = """() => {
    WebSocket.prototype.send = window.truly;
    for (const [socket, message] of window.held) socket.send(message);
}"""
# A server that is far away.
DELAY = """() => {
    const socket = WebSocket.prototype, send = socket.send;
    socket.send = function (message) { setTimeout(() => send.call(this, message), 250) };
}"""


def minutes(page: Page) -> Locator:
    return page.locator("[data-budget] input, input[data-budget]")


def kept_minutes(annotator: Annotator) -> float | None:
    with Project.open(annotator.server.project, read_only=True) as project:
        return project.settings.selection.budget_minutes


def kept_training(annotator: Annotator) -> AutomaticTraining:
    with Project.open(annotator.server.project, read_only=True) as project:
        return project.settings.automatic_training


def put(field: Locator, text: str) -> None:
    field.fill(text)
    field.press("Enter")


@pytest.fixture
def timed(annotator: Annotator) -> Annotator:
    """With an hour for the session."""
    annotator.page.get_by_role("tab", name="Queue").click()
    put(minutes(annotator.page), "60")
    eventually(lambda: kept_minutes(annotator), lambda found: found == 60)
    return annotator


@pytest.fixture
def mapping(
    project: Path,
    labelmaps: Path,
    start_server: Callable[..., PageServer],
    make_annotator: Callable[[PageServer], Annotator],
) -> Annotator:
    """Somebody who is asked what the classes of an igniter become."""
    forget_models(project)
    made = make_annotator(start_server())
    made.open()
    made.page.locator("[data-model-tab]").click()
    made.page.locator("[data-igniter-path] input").fill(str(labelmaps))
    made.page.locator("[data-look-at-igniter]").click()
    made.page.locator("[data-igniter-class=cyst]").wait_for()
    return made


def becomes(annotator: Annotator, name: str) -> str:
    """What the page has heard that a class becomes."""
    rows = annotator.state("igniter")["rows"]
    (found,) = (row["becomes"] for row in rows if row["name"] == name)
    return str(found)


def test_a_refused_time_gives_way_to_the_one_that_holds(timed: Annotator) -> None:
    field = minutes(timed.page)
    # Twice the same, too; what is no number at all is not even sent.
    for text in ("-5", "-5"):
        put(field, text)
        expect(timed.page.locator("[data-problem]")).to_contain_text("more than 0 minutes, not -5")
        expect(field).to_have_value("60")
    field.fill("")
    field.press_sequentially("5-")
    field.press("Enter")
    expect(field).to_have_value("60")
    timed.heard()
    assert kept_minutes(timed) == 60


@pytest.mark.parametrize(
    ("name", "refused", "said"),
    [("accepted", "0", "at least 1 accepted series"), ("growth", "0.5", "1 to 10 times as many")],
)
def test_a_refused_number_of_the_training_gives_way_to_the_one_that_holds(
    annotator: Annotator, name: str, refused: str, said: str
) -> None:
    page = annotator.page
    page.locator("[data-model-tab]").click()
    field = page.locator(f"[data-{name}] input, input[data-{name}]")
    before = field.input_value()
    put(field, refused)
    expect(page.locator("[data-problem]")).to_contain_text(said)
    expect(field).to_have_value(before)


@pytest.mark.parametrize("first", ["-5", "25"])
def test_what_is_typed_while_the_server_answers_stays(timed: Annotator, first: str) -> None:
    field = minutes(timed.page)
    timed.page.evaluate(HOLD)
    put(field, first)
    field.fill("250")
    timed.page.evaluate(SEND)
    timed.heard()
    told = float(first) if float(first) > 0 else 60
    eventually(lambda: timed.state("budget"), lambda found: float(found) == told)
    expect(field).to_have_value("250")
    field.press("Enter")
    eventually(lambda: kept_minutes(timed), lambda found: found == 250)
    expect(field).to_have_value("250")


def test_a_field_that_was_left_as_it_was_follows_the_server(timed: Annotator) -> None:
    field = minutes(timed.page)
    field.fill("6")
    field.fill("60")
    field.blur()
    timed.page.evaluate("trame.state.set('budget', '90')")
    expect(field).to_have_value("90")
    timed.heard()
    assert kept_minutes(timed) == 60


def test_settings_that_are_changed_one_after_the_other_are_all_kept(annotator: Annotator) -> None:
    page = annotator.page
    page.locator("[data-model-tab]").click()
    page.evaluate(HOLD)
    put(page.locator("[data-accepted] input, input[data-accepted]"), "12")
    put(page.locator("[data-growth] input, input[data-growth]"), "2")
    automatic = page.locator("[data-automatic] input")
    automatic.click()
    page.evaluate(SEND)
    kept = eventually(lambda: kept_training(annotator), lambda found: not found.enabled)
    assert (kept.accepted, kept.growth) == (12, 2)
    expect(automatic).not_to_be_checked()
    automatic.click()
    eventually(lambda: kept_training(annotator), lambda found: found.enabled)


def test_what_a_class_becomes_is_typed_however_far_the_server_is(mapping: Annotator) -> None:
    typed = mapping.page.locator("[data-igniter-class=cyst] input")
    mapping.page.evaluate(DELAY)
    typed.press_sequentially("organ+lesion", delay=60)
    mapping.heard()
    expect(typed).to_have_value("organ+lesion")
    # Half of a name would be none.
    assert becomes(mapping, "cyst") == ""
    mapping.page.locator("[data-igniter-class=node] input").focus()
    eventually(lambda: becomes(mapping, "cyst"), lambda found: found == "organ+lesion")
    expect(typed).to_have_value("organ+lesion")
    assert mapping.errors == []


def test_what_is_chosen_from_the_menu_is_told_at_once(mapping: Annotator) -> None:
    page = mapping.page
    chosen = page.locator("[data-igniter-class=bone] input")
    chosen.click()
    page.get_by_role("option", name="gland").click()
    eventually(lambda: becomes(mapping, "bone"), lambda found: found == "gland")
    expect(chosen).to_be_focused()
    chosen.fill("")
    chosen.press_sequentially("background")
    chosen.press("Enter")
    eventually(lambda: becomes(mapping, "bone"), lambda found: found == "background")
    expect(chosen).to_have_value("background")
