"""Whether a browser can be opened where the page was started."""

from __future__ import annotations

import webbrowser

import pytest

from SAIMCore.cli import page_process
from SAIMCore.cli.page_process import browser_is_here

SCREEN = {"DISPLAY": ":0"}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch):
    """Gives this machine another browser, or none."""
    monkeypatch.setattr(page_process.sys, "platform", "linux")

    def have(found: webbrowser.BaseBrowser | None) -> None:
        def get() -> webbrowser.BaseBrowser:
            if found is None:
                raise webbrowser.Error("could not locate runnable browser")
            return found

        monkeypatch.setattr(webbrowser, "get", get)

    have(webbrowser.BackgroundBrowser("firefox"))
    return have


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize(
    ("environment", "here"),
    [
        (SCREEN, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, False),
        ({"DISPLAY": ""}, False),
        # The window would come over the network.
        ({**SCREEN, "SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}, False),
    ],
)
def test_a_browser_needs_a_screen(environment: dict[str, str], here: bool) -> None:
    assert browser_is_here(environment) == here


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_have_a_screen(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_process.sys, "platform", platform)
    assert browser_is_here({})


@pytest.mark.parametrize("found", [None, webbrowser.GenericBrowser("lynx")])
def test_a_machine_without_a_browser_for_its_screen_opens_none(browser, found) -> None:
    browser(found)
    assert not browser_is_here(SCREEN)
