"""Somebody who annotates in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import Page

from Testing.web.page_server import PageServer

__all__ = ["Annotator", "eventually"]

SECONDS = 60
# The pictures that are shown were drawn for views of the size that these have.
VIEWS_FIT = """() => [...document.querySelectorAll('.saim-view')].filter(
    view => view.checkVisibility()).every(view => {
    const picture = view.querySelector('img.image-display-area'), ratio = devicePixelRatio;
    return picture?.complete && Math.abs(picture.naturalWidth / ratio - view.clientWidth) < 2
        && Math.abs(picture.naturalHeight / ratio - view.clientHeight) < 2;
})"""
Value = TypeVar("Value")


class Annotator:
    """``address``: where the server's page is found, if not at its own address."""

    def __init__(self, page: Page, server: PageServer, address: str = "") -> None:
        self.page = page
        self.server = server
        self.address = address or server.address
        self.errors: list[str] = []
        page.set_default_timeout(1000 * SECONDS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self) -> None:
        """Open the page, or load it anew."""
        self.page.goto(self.address)
        self.seated()

    def seated(self) -> None:
        """Wait until the page can be annotated in."""
        self.page.locator("[data-next]").wait_for()
        self.wait_for("seat", "editing")
        self.page.wait_for_function(VIEWS_FIT)

    def state(self, key: str) -> Any:
        """What the page knows."""
        return self.page.evaluate("key => window.trame?.state?.get(key)", key)

    def heard(self) -> None:
        """Wait until the server has taken in all that the page said: it answers in order."""
        self.page.evaluate(
            "() => window.trame.client.getConnection().getSession().call('saim.alive', [])"
        )

    def wait_for(self, key: str, value: Any) -> None:
        self.page.wait_for_function(
            "([key, value]) => window.trame?.state?.get(key) === value", arg=[key, value]
        )

    def next(self) -> str:
        """Open the next series; its name."""
        before = self.state("series")
        self.page.locator("[data-next]").click()
        return self.opened_after(before)

    def opened_after(self, before: str) -> str:
        """Wait until another series than ``before`` is as it is first shown; its name."""
        self.ready_after(before)
        self.settle()
        name: str = self.state("series")
        return name

    def ready_after(self, before: str) -> None:
        """Wait until another series than ``before`` can be annotated."""
        self.page.wait_for_function(
            "before => { const get = key => window.trame?.state?.get(key); return get('ready')"
            "  && get('series') && get('series') !== before && !get('awaited') }",
            arg=before,
        )
        self.page.wait_for_function(VIEWS_FIT)

    def sent(self) -> None:
        """Wait until the page has sent what the mouse did: it holds that back for 20 ms."""
        self.page.evaluate("() => new Promise(sent => setTimeout(sent, 100))")

    def settle(self) -> None:
        """Wait until the model has answered."""
        self.wait_for("effect_busy", False)

    def command(self, name: str) -> None:
        """Press the button of a command."""
        self.page.locator(f"[data-command={name}]").click()
        self.settle()

    def key(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.settle()

    def view(self, name: str) -> Any:
        return self.page.locator(f"[data-view={name}]")

    @property
    def main(self) -> str:
        """The view in which the slices lie."""
        name: str = self.state("main_view")
        return name

    def place(self, view: str, right: float = 0.5, down: float = 0.5) -> tuple[float, float]:
        """A point of the page, in parts of a view."""
        box = self.view(view).bounding_box()
        assert box is not None
        return box["x"] + right * box["width"], box["y"] + down * box["height"]

    def click(
        self, view: str, right: float = 0.5, down: float = 0.5, *, ctrl: bool = False
    ) -> None:
        self.page.mouse.move(*self.place(view, right, down))
        if ctrl:
            self.page.keyboard.down("Control")
        self.page.mouse.down()
        self.page.mouse.up()
        if ctrl:
            self.page.keyboard.up("Control")

    def drag(self, view: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.place(view, *start))
        self.page.mouse.down()
        self.page.mouse.move(*self.place(view, *end), steps=8)
        self.page.mouse.up()


def eventually(read: Callable[[], Value], true: Callable[[Value], bool]) -> Value:
    """What ``read`` gives as soon as ``true`` says so of it."""
    deadline = time.monotonic() + SECONDS
    while not true(value := read()):
        assert time.monotonic() < deadline, f"still {value!r}"
        time.sleep(0.05)
    return value
