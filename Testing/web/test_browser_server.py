"""What the server lets in, says, and survives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from SAIMCore.project.lock import login_name
from SAIMCore.project.shared import lease_project
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


def test_a_second_server_of_a_project_only_shows_it(
    start_server: Callable[..., PageServer], context: BrowserContext
) -> None:
    first, second = start_server(), start_server()
    annotator = Annotator(context.new_page(), first)
    annotator.open()
    name, folder = annotator.next(), first.project
    watching = Annotator(context.new_page(), second)
    watching.open()
    said = watching.page.locator("[data-read-only]")
    expect(said).to_contain_text("Nothing can be changed")
    expect(said).to_contain_text(login_name())
    for button in ("next", "accept", "later"):
        expect(watching.page.locator(f"[data-{button}]")).to_be_disabled()
    # What the first one does is seen, and not touched.
    row = watching.page.locator(f"[data-series={name}]")
    expect(row).to_be_visible()
    row.click()
    watching.page.keyboard.press("a")
    watching.click(watching.main)
    watching.sent()
    assert kept_interactions(folder, name) == []
    annotator.click(annotator.main)
    eventually(lambda: kept_interactions(folder, name), lambda found: len(found) == 1)
    # Likewise a panel on the desktop.
    lease = lease_project(folder, read_only_if_locked=True)
    assert lease.read_only_because
    lease.release()
