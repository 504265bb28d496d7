"""What the server lets in, says, and survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from Testing.web.annotator import Annotator, eventually
from Testing.web.page_server import PageServer, kept_interactions

TOKEN = "a token of a test"


def refused(project: Path, *arguments: str) -> str:
    """What the program says that does not start."""
    found = subprocess.run(
        [sys.executable, "-m", "SAIMWeb", str(project), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 2, found.stderr
    return found.stderr


def test_other_hosts_need_a_token(project: Path) -> None:
    assert "give --token" in refused(project, "--host", "0.0.0.0")


def test_a_folder_without_project_is_said(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(tmp_path)


def test_a_token_is_asked_for(
    start_server: Callable[..., PageServer], context: BrowserContext
) -> None:
    server = start_server(environment={"SAIM_WEB_TOKEN": TOKEN})
    page = context.new_page()
    page.goto(server.address)
    page.locator("input[name=token]").fill("something else")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_contain_text("not the token")
    assert page.locator("[data-next]").count() == 0
    status = page.evaluate("async () => (await fetch('/index.html')).status")
    assert status == 401
    page.locator("input[name=token]").fill(TOKEN)
    page.get_by_role("button", name="Open").click()
    page.locator("[data-next]").wait_for()


def test_the_page_comes_back_after_the_server_was_gone(
    start_server: Callable[..., PageServer], make_annotator: Callable[[PageServer], Annotator]
) -> None:
    server = start_server()
    annotator = make_annotator(server)
    annotator.open()
    name = annotator.next()
    annotator.click(annotator.main)
    eventually(lambda: kept_interactions(server.project, name), lambda found: len(found) == 1)
    os.kill(server.process.pid, signal.SIGKILL)
    annotator.page.locator("#saim-lost").wait_for()
    server.stop()
    start_server("--port", server.address.rstrip("/").rpartition(":")[2])
    annotator.seated()
    annotator.page.locator(f"[data-series={name}]").click()
    annotator.opened_after("")
    assert len(kept_interactions(server.project, name)) == 1
