"""The page on a machine whose network is cut: nothing but its own loopback can be reached."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, sync_playwright

from Testing.web.annotator import Annotator, eventually
from Testing.web.conftest import CHROMIUM
from Testing.web.page_server import PageServer, kept_interactions

# A network of its own with nothing in it but the loopback.
CUT = ("unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
LETTERS = "() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
PICTURES = """() => [...document.querySelectorAll('header img, [data-queue] img')]
    .filter(picture => picture.naturalWidth > 0).length > 1"""
OUTSIDE = "http://192.0.2.1/"


def can_be_cut() -> bool:
    try:
        return subprocess.run([*CUT, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(
    not can_be_cut(), reason="no network can be cut here (unshare --net is not permitted)"
)


@pytest.fixture
def server(start_server: Callable[..., PageServer]) -> PageServer:
    """A server of the test's project from which nothing can be reached."""
    return start_server(within=CUT)


@pytest.fixture
def page(server: PageServer, tmp_path: Path) -> Iterator[Page]:
    """A page of a browser in the same network."""
    within = f"nsenter --target {server.process.pid} --user --net --preserve-credentials"
    chromium = tmp_path / "chromium"
    chromium.write_text(f'#!/bin/sh\nexec {within} {CHROMIUM} "$@"\n', encoding="utf-8")
    chromium.chmod(0o755)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1280, "height": 720})
        browser.close()


def test_the_whole_page_works_without_a_network(server: PageServer, page: Page) -> None:
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    annotator = Annotator(page, server)
    annotator.open()
    name = annotator.next()
    annotator.click(annotator.main)
    eventually(lambda: kept_interactions(server.project, name), lambda found: len(found) == 1)
    letters = page.evaluate(LETTERS)
    assert {"Material Design Icons", "Roboto"} <= {family.strip('"') for family in letters}
    page.wait_for_function(PICTURES)
    assert annotator.errors == []
    assert failed == []
    local = (server.address, "data:", "blob:")
    assert [address for address in asked if not address.startswith(local)] == []
    assert server.log == ""
    # The network was cut indeed.
    with pytest.raises(Error, match="ERR_"):
        page.goto(OUTSIDE)
