"""Defects of the program itself: they are said on the page, and the page goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from SAIMWeb.trame_host.failures import Failures
from SAIMWeb.trame_host.polling import PulseInLoop
from Testing.web.workbench import Workbench

WHAT = "a defect of a test"


def fail(*arguments: object, **named: object) -> None:
    raise RuntimeError(WHAT)


@pytest.fixture
def failures(workbench: Workbench) -> Iterator[Failures]:
    """What the server shows of the program's errors."""
    made = Failures(workbench.server, workbench.program.messages)
    with made.watched():
        yield made


def annotates(workbench: Workbench) -> bool:
    """Whether a click is still answered."""
    main = workbench.state.main_view
    before = len(workbench.series.session.interactions(2))
    workbench.click(main, workbench.place(main, 2, 20, 26))
    return len(workbench.series.session.interactions(2)) == before + 1


@pytest.mark.usefixtures("failures")
def test_what_fails_as_the_page_changes_something_is_said(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    workbench.open_next()
    monkeypatch.setattr(workbench.campaign.queue.view, "filter", fail)
    workbench.state.queue_text = "case"
    workbench.settle()
    assert WHAT in workbench.state.problem
    # With the place where it happened.
    assert any(record.exc_info for record in caplog.records if record.levelno == logging.ERROR)
    assert annotates(workbench)
    assert workbench.state.problem == ""


@pytest.mark.usefixtures("failures")
def test_what_fails_as_a_view_moves_is_said(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.open_next()
    with monkeypatch.context() as broken:
        broken.setattr(workbench.program.editor, "on_view_changed", fail)
        workbench.wheel(workbench.state.main_view)
    assert WHAT in workbench.state.problem
    assert annotates(workbench)


@pytest.mark.usefixtures("failures")
def test_what_a_task_of_the_views_fails_with_is_said(workbench: Workbench) -> None:
    # As trame's own tasks say it, which draw the pictures.
    try:
        fail()
    except RuntimeError:
        logging.exception("Exception raised by task")
    assert WHAT in workbench.state.problem


def test_what_fails_in_the_background_is_said_and_goes_on(workbench: Workbench) -> None:
    """A timer of the program fails in the server's loop; others are served all the same."""
    pulse, done = workbench.program.pulse, []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        with Failures(workbench.server, workbench.program.messages).watched(loop):
            driver = PulseInLoop(pulse, workbench.state, loop)
            pulse.after(0, fail).start()
            after = asyncio.Event()
            pulse.after(0, lambda: (done.append(True), after.set())).start()
            await asyncio.wait_for(after.wait(), 10)
            driver.stop()

    asyncio.run(run())
    assert WHAT in workbench.state.problem
    assert done == [True]


def test_a_browser_that_has_gone_is_no_failure(workbench: Workbench) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        with Failures(workbench.server, workbench.program.messages).watched(loop):
            loop.call_exception_handler({"message": "", "exception": ConnectionResetError()})

    asyncio.run(run())
    assert workbench.state.problem == ""


def test_a_browser_that_goes_while_its_call_is_answered_is_no_failure(
    workbench: Workbench, failures: Failures, caplog: pytest.LogCaptureFixture
) -> None:
    failures.show(ConnectionResetError("Cannot write to closing transport"))
    assert workbench.state.problem == ""
    assert caplog.records == []


def test_only_commands_that_have_buttons_or_keys_are_obeyed(workbench: Workbench) -> None:
    workbench.open_next()
    for name in ("close", "deactivate", "__init__", "show", "no such thing"):
        workbench.program.editor_page.do(name)
    assert workbench.state.problem == ""
    assert annotates(workbench)
