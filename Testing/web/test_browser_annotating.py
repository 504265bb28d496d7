"""A campaign annotated in a real browser; what came of it is read from the project."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from SAIMCore.interactions import Box, Click, Interaction, Stroke
from Testing.web.annotator import Annotator, eventually
from Testing.web.page_server import accepted_labels, kept_interactions, kept_session, status


def kept(annotator: Annotator, name: str, count: int) -> list[Interaction]:
    """The interactions of a series, once there are so many on the disk."""
    folder = annotator.server.project
    return eventually(lambda: kept_interactions(folder, name), lambda found: len(found) == count)


def test_next_opens_a_series_with_its_segments_in_three_views(annotator: Annotator) -> None:
    name = annotator.next()
    page = annotator.page
    assert page.locator("[data-open-series]").inner_text() == name
    assert page.locator("[data-segment]").count() == 4
    assert page.locator("[data-view] canvas, [data-view] img").count() >= 3
    assert status(annotator.server.project, name) == "in progress"


def test_a_click_in_each_view_is_kept(annotator: Annotator) -> None:
    name = annotator.next()
    for count, view in enumerate(("Red", "Green", "Yellow"), start=1):
        annotator.click(view)
        made = kept(annotator, name, count)
        assert all(isinstance(interaction, Click) for interaction in made)
    session = kept_session(annotator.server.project, name)
    assert session is not None
    for index, state in session.states.items():
        for interaction in state.interactions:
            assert isinstance(interaction, Click)
            assert interaction.slice_index == index
            assert state.labels is not None
    assert annotator.errors == []


def test_background_strokes_and_the_selected_segment(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    annotator.key("2")
    annotator.click(main)
    annotator.settle()
    annotator.click(main, ctrl=True)
    annotator.settle()
    annotator.drag(main, (0.45, 0.45), (0.55, 0.5))
    first, second, third = kept(annotator, name, 3)
    assert (first.class_index, second.class_index, third.class_index) == (2, 0, 2)
    assert isinstance(third, Stroke)
    assert len(third.points) > 1


def test_a_box_drawn_after_its_key(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    annotator.key("e")
    annotator.wait_for("draws_boxes", True)
    annotator.drag(main, (0.55, 0.5), (0.45, 0.4))
    (box,) = kept(annotator, name, 1)
    assert isinstance(box, Box)
    assert box.bottom > box.top
    annotator.settle()
    annotator.click(main, 0.5, 0.45, ctrl=True)
    kept(annotator, name, 2)
    remark = annotator.page.locator("[data-remark]")
    eventually(remark.inner_text, lambda text: "the later one counts" in text)
    annotator.key("e")
    annotator.wait_for("draws_boxes", False)


def test_the_network_agrees_with_the_marks_and_the_choice_outlives_the_page(
    annotator: Annotator,
) -> None:
    name, main, page = annotator.next(), annotator.main, annotator.page
    mode = page.get_by_label("Make the network agree with my marks")
    growth = page.get_by_label("Marks grow into what looks alike")
    assert not mode.is_checked()
    assert growth.count() == 0
    mode.click()
    growth.click()
    annotator.wait_for("grows", True)
    annotator.click(main)
    kept(annotator, name, 1)
    page.reload()
    annotator.seated()
    assert mode.is_checked()
    assert growth.is_checked()
    assert page.get_by_text("Differs by less than 0.2 SD").is_visible()
    assert page.get_by_text("At most 10 pixels far").is_visible()
    mode.click()
    annotator.wait_for("conditioned", False)
    assert annotator.errors == []


def test_undo_redo_and_reset(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    annotator.click(main)
    kept(annotator, name, 1)
    annotator.key("z")
    kept(annotator, name, 0)
    annotator.key("y")
    kept(annotator, name, 1)
    annotator.command("reset_slice")
    kept(annotator, name, 0)
    annotator.page.keyboard.press("Control+z")
    kept(annotator, name, 1)


def voxels(annotator: Annotator, name: str) -> dict[int, bytes]:
    """What the session holds of each slice that was touched, on the disk."""
    session = kept_session(annotator.server.project, name)
    assert session is not None
    return {
        index: state.labels.tobytes()
        for index, state in session.states.items()
        if state.labels is not None
    }


def test_every_step_is_in_the_voxels(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    steps: list[dict[int, bytes]] = []
    acts: list[Callable[[], None]] = [
        lambda: annotator.click("Red"),
        lambda: annotator.click("Green", 0.45, 0.55),
        lambda: annotator.click("Yellow", 0.55, 0.45),
        lambda: annotator.click(main, 0.6, 0.6, ctrl=True),
        lambda: annotator.drag(main, (0.4, 0.4), (0.55, 0.5)),
    ]
    for count, act in enumerate(acts, start=1):
        act()
        kept(annotator, name, count)
        steps.append(voxels(annotator, name))
    for count in reversed(range(1, len(acts))):
        annotator.key("z")
        kept(annotator, name, count)
        assert voxels(annotator, name) == steps[count - 1]
    for count in range(2, len(acts) + 1):
        annotator.key("y")
        kept(annotator, name, count)
        assert voxels(annotator, name) == steps[count - 1]
    annotator.page.reload()
    annotator.seated()
    assert voxels(annotator, name) == steps[-1]
    annotator.page.locator("[data-accept]").click()
    annotator.page.locator("[data-yes]").click()
    annotator.opened_after(name)
    labels = accepted_labels(annotator.server.project, name)
    assert labels is not None
    slices = np.moveaxis(labels, labels.shape.index(min(labels.shape)), 0)
    assert {index: slices[index].tobytes() for index in steps[-1]} == steps[-1]


def test_the_wheel_scrolls_and_keys_accept(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    before = annotator.state(f"slice_{main}")
    annotator.page.mouse.move(*annotator.place(main))
    annotator.page.mouse.wheel(0, -100 if before < 6 else 100)
    eventually(lambda: annotator.state(f"slice_{main}"), lambda shown: shown != before)
    annotator.key("a")
    annotator.wait_for("slice_accepted", True)
    session = eventually(
        lambda: kept_session(annotator.server.project, name),
        lambda found: found is not None and any(s.accepted for s in found.states.values()),
    )
    assert session is not None
    assert kept_interactions(annotator.server.project, name) == []


def test_the_accepted_series_is_what_was_on_the_screen(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    annotator.click(main)
    kept(annotator, name, 1)
    session = kept_session(annotator.server.project, name)
    assert session is not None
    page = annotator.page
    page.locator("[data-accept]").click()
    page.locator("[data-question]").wait_for()
    page.locator("[data-no]").click()
    annotator.wait_for("question", "")
    assert annotator.state("series") == name
    page.locator("[data-accept]").click()
    page.locator("[data-yes]").click()
    assert annotator.opened_after(name) != name
    labels = accepted_labels(annotator.server.project, name)
    assert labels is not None
    ((index, state),) = (
        (index, state) for index, state in session.states.items() if state.interactions
    )
    assert state.labels is not None
    axis = list(labels.shape).index(min(labels.shape))
    np.testing.assert_array_equal(np.take(labels, index, axis), state.labels)


def test_the_page_comes_back_as_it_was(annotator: Annotator) -> None:
    name, main = annotator.next(), annotator.main
    # The tests of this module share a server: the pool may be used up, and this one worked on.
    before = len(kept_interactions(annotator.server.project, name))
    annotator.click(main)
    kept(annotator, name, before + 1)
    shown = {key: annotator.state(key) for key in ("series", "segments", "main_view", "accepted")}
    annotator.page.reload()
    annotator.seated()
    assert {key: annotator.state(key) for key in shown} == shown
    annotator.click(annotator.main, 0.4, 0.5)
    kept(annotator, name, before + 2)


def test_a_second_browser_watches_until_it_takes_over(
    annotator: Annotator, other_browser: Callable[[], Annotator]
) -> None:
    name = annotator.next()
    before = kept_interactions(annotator.server.project, name)
    other = other_browser()
    other.page.goto(other.server.address)
    other.page.locator("[data-watching]").wait_for()
    assert other.state("series") == name
    other.page.keyboard.press("p")
    other.click(annotator.main)
    assert kept_interactions(annotator.server.project, name) == before
    other.page.locator("[data-take-seat]").click()
    other.seated()
    annotator.page.locator("[data-watching]").wait_for()
    other.click(other.main)
    kept(annotator, name, len(before) + 1)
    annotator.page.locator("[data-take-seat]").click()
    annotator.seated()


def test_nothing_is_fetched_from_elsewhere(
    annotator: Annotator, other_browser: Callable[[], Annotator]
) -> None:
    other = other_browser()
    addresses: list[str] = []
    other.page.on("request", lambda request: addresses.append(request.url))
    other.page.goto(other.server.address)
    other.page.locator("[data-next]").wait_for()
    other.page.wait_for_load_state("networkidle")
    local = (annotator.server.address, "data:", "blob:")
    assert [address for address in addresses if not address.startswith(local)] == []
    # Icons and letters are those of the page.
    fonts = "() => [...document.fonts].filter(font => font.status === 'loaded').map(f => f.family)"
    assert any("Material Design Icons" in font for font in other.page.evaluate(fonts))


def test_the_help_lists_the_keys(annotator: Annotator) -> None:
    annotator.page.keyboard.press("?")
    dialog = annotator.page.locator("[data-help]")
    dialog.wait_for()
    text = dialog.inner_text()
    for part in ("Ctrl + left click", "undo and redo", "next slice"):
        assert part in text
    annotator.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_page_of_another_site_gets_nothing(annotator: Annotator) -> None:
    page = annotator.page.context.new_page()
    page.goto("about:blank")
    opened = page.evaluate(
        """address => new Promise(resolve => {
            const socket = new WebSocket(address.replace('http', 'ws') + 'ws');
            socket.onopen = () => resolve('open');
            socket.onerror = () => resolve('refused');
        })""",
        annotator.server.address,
    )
    assert opened == "refused"


def test_the_server_had_nothing_to_complain_of(annotator: Annotator) -> None:
    assert annotator.server.log == ""
