"""The views in a real browser: 3D, window and level, sizes, the keyboard, and who only watches."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from Testing.web.annotator import Annotator, eventually
from Testing.web.page_server import kept_interactions

PICTURE = "view => document.querySelector(`[data-view=${view}] img.image-display-area`)?.src"
# What is cut off, or beside the window: buttons, sliders, fields, and what is written in views.
CUT_OFF = """() => [...document.querySelectorAll(
    'header button, aside button, nav button, .saim-view button, [role=slider], .saim-segment,'
    + '.saim-mark, input')]
  .filter(part => part.checkVisibility() && !part.closest('.saim-tab'))
  .map(part => [part.getBoundingClientRect(), part])
  .filter(([box]) => box.width && (box.left < -1 || box.top < -1
    || box.right > innerWidth + 1 || box.bottom > innerHeight + 1))
  .map(([, part]) => part.outerHTML.slice(0, 120))"""


def picture(annotator: Annotator, view: str) -> Any:
    """Which picture a view shows: another one has another address."""
    return annotator.page.evaluate(PICTURE, view)


def show_3d(annotator: Annotator) -> None:
    """Switch it on, and wait until there is something in it."""
    annotator.page.locator("[data-toggle=shows_3d]").click()
    annotator.wait_for("shows_3d", True)
    annotator.wait_for("surfaces_busy", False)
    eventually(lambda: picture(annotator, "ThreeD"), bool)


@pytest.fixture
def opened(annotator: Annotator) -> Annotator:
    """A series with segments, nothing switched on."""
    annotator.next()
    for key, shown in (("m", "shows_3d"), ("c", "crosshair")):
        if annotator.state(shown):
            annotator.key(key)
            annotator.wait_for(shown, False)
    if annotator.state("mouse_tool") == "window":
        annotator.key("w")
    annotator.wait_for("mouse_tool", "clicks")
    annotator.command("segment_slice")
    return annotator


def test_the_3d_view_turns_and_is_made_anew_when_asked(opened: Annotator) -> None:
    show_3d(opened)
    before = picture(opened, "ThreeD")
    opened.drag("ThreeD", (0.4, 0.5), (0.7, 0.6))
    eventually(lambda: picture(opened, "ThreeD"), lambda shown: shown != before)
    update = opened.page.locator("[data-update-surfaces]")
    assert update.count() == 0
    opened.click(opened.main, 0.45, 0.4)
    update.click()
    opened.wait_for("surfaces_old", False)
    opened.wait_for("surfaces_busy", False)
    opened.key("m")
    opened.page.locator("[data-view=ThreeD]").wait_for(state="detached")
    assert opened.errors == []


def test_the_page_comes_back_with_the_3d_view(opened: Annotator) -> None:
    show_3d(opened)
    opened.page.reload()
    opened.seated()
    assert opened.state("shows_3d")
    eventually(lambda: picture(opened, "ThreeD"), bool)


def test_window_and_level_follow_the_mouse_and_nothing_is_clicked(opened: Annotator) -> None:
    name, main = opened.state("series"), opened.main
    folder = opened.server.project
    before = opened.state("window")
    opened.page.locator("[data-tool=window]").click()
    opened.wait_for("mouse_tool", "window")
    opened.drag(main, (0.4, 0.4), (0.6, 0.5))
    eventually(lambda: opened.state("window"), lambda now: now != before)
    assert kept_interactions(folder, name) == []
    opened.page.locator("[data-preset=Auto]").click()
    eventually(lambda: opened.state("window"), lambda now: now == before)
    opened.key("w")
    opened.wait_for("mouse_tool", "clicks")
    opened.click(main)
    eventually(lambda: kept_interactions(folder, name), lambda kept: len(kept) == 1)


def test_a_view_becomes_the_large_one_and_the_only_one(opened: Annotator) -> None:
    main = opened.main
    other = next(name for name in ("Green", "Yellow", "Red") if name != main)
    button = opened.page.locator(f"[data-enlarge={other}]")
    view, corner = opened.view(other).bounding_box(), button.bounding_box()
    assert view is not None
    assert corner is not None
    # In the corner, where one looks for it.
    assert view["x"] + view["width"] - corner["x"] - corner["width"] < 10
    assert corner["y"] - view["y"] < 10
    button.click()
    opened.wait_for("main_view", other)
    assert opened.view(main).is_visible()
    button.click()
    opened.view(main).wait_for(state="hidden")
    button.click()
    opened.view(main).wait_for()
    opened.page.locator(f"[data-enlarge={main}]").click()
    opened.wait_for("main_view", main)
    # Else what the page said last may get lost with it, and the next test begins with one view.
    opened.heard()


def test_segments_are_chosen_and_hidden_without_a_mouse(opened: Annotator) -> None:
    ids = [row["id"] for row in opened.state("segments")]
    rows = opened.page.locator("[data-segment]")
    for number, key in ((2, "Enter"), (1, "Space")):
        rows.nth(number).focus()
        opened.page.keyboard.press(key)
        opened.wait_for("segment", ids[number])
        assert rows.nth(number).get_attribute("aria-checked") == "true"
    eye = rows.nth(1).locator("button").first
    eye.focus()
    opened.page.keyboard.press("Enter")
    eventually(lambda: opened.state("segments")[1]["visible"], lambda shown: not shown)
    # The row was not meant.
    assert opened.state("segment") == ids[1]
    eye.click(modifiers=["Alt"])
    visible = [False, True, False, False]
    eventually(lambda: [row["visible"] for row in opened.state("segments")], lambda v: v == visible)
    eye.click(modifiers=["Alt"])
    eventually(lambda: [row["visible"] for row in opened.state("segments")], all)


def test_a_double_click_goes_to_the_segment(opened: Annotator) -> None:
    opened.click(opened.main)
    opened.settle()
    places = [f"slice_{name}" for name in ("Red", "Green", "Yellow")]
    opened.page.evaluate(f"window.trame.state.set('slice_{opened.main}', 1)")
    before = [opened.state(place) for place in places]
    opened.page.locator("[data-segment]").first.dblclick()
    eventually(lambda: [opened.state(place) for place in places], lambda now: now != before)


def test_nothing_is_cut_off_on_any_screen(opened: Annotator) -> None:
    opened.key("c")
    show_3d(opened)
    screen = opened.page.context.new_cdp_session(opened.page)
    for width, height, ratio in ((2560, 1440, 1), (1280, 720, 2)):
        size = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        screen.send("Emulation.setDeviceMetricsOverride", size)
        opened.seated()
        # Dots are drawn for this screen, too.
        opened.wait_for("pixel_ratio", ratio)
        assert opened.page.evaluate(CUT_OFF) == []
        opened.page.keyboard.press("?")
        dialog = opened.page.locator("[data-help]")
        dialog.wait_for()
        box = dialog.bounding_box()
        assert box is not None
        assert box["height"] < height
        opened.page.keyboard.press("Escape")
        dialog.wait_for(state="hidden")


def test_who_watches_switches_nothing(
    opened: Annotator, other_browser: Callable[[], Annotator]
) -> None:
    other = other_browser()
    other.page.goto(other.server.address)
    other.page.locator("[data-watching]").wait_for()
    for key in ("m", "w", "c", "x"):
        other.page.keyboard.press(key)
    # Not even where the page is asked directly.
    other.page.evaluate("window.trame.state.set('mouse_tool', 'window')")
    opened.click(opened.main)
    opened.settle()
    folder, name = opened.server.project, opened.state("series")
    eventually(lambda: kept_interactions(folder, name), lambda kept: len(kept) == 1)
    assert opened.state("mouse_tool") == "clicks"
    for shown in ("shows_3d", "crosshair"):
        assert not opened.state(shown)
    assert all(row["visible"] for row in opened.state("segments"))


def test_the_help_lists_what_the_views_do(opened: Annotator) -> None:
    opened.page.keyboard.press("?")
    text = opened.page.locator("[data-help]").inner_text()
    for part in ("window (to the sides) and level (up, down)", "crosshair", "3D view", "go to"):
        assert part in text


def test_the_server_had_nothing_to_complain_of(annotator: Annotator) -> None:
    # What was raised; a page may go while it is being answered.
    raised = re.findall(r"^[\w.]*(?:Error|Exception)\b.*", annotator.server.log, re.MULTILINE)
    assert [line for line in raised if "closing transport" not in line] == []
