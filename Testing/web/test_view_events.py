"""What a page says of a view reaches VTK only as VTK can read it."""

from __future__ import annotations

import math

import pytest

from SAIMWeb.trame_host.view_events import event_of_view, size_of_view

MOVE = {"type": "MouseMove", "x": 12.5, "y": 3, "shiftKey": False, "ctrlKey": 0}
FINGERS = {"0": {"x": 1, "y": 2.5, "z": 0}, "1": {"x": 7, "y": 8, "z": 0}}


@pytest.mark.parametrize(
    "event",
    [
        MOVE,
        {"type": "KeyPress", "key": "a", "keyCode": 97, "altKey": True},
        {"type": "Pinch", "factor": 1.5, "positions": FINGERS, "w": 300, "deviceType": "touch"},
        {"type": "Tap", "position": FINGERS["0"], "deviceType": "pen"},
        {"type": "Pan", "translation": [3, -4], "positions": FINGERS},
        {"type": "MouseWheel", "x": 1, "y": 2, "spinY": -0.5},
    ],
)
def test_events_of_a_page_come_through_as_they_are(event: dict[str, object]) -> None:
    assert event_of_view(event) == event


def test_what_has_no_value_is_left_out() -> None:
    assert event_of_view(MOVE | {"keyCode": None}) == MOVE


@pytest.mark.parametrize(
    "event",
    [
        "MouseMove",
        ["MouseMove"],
        {},
        {"type": None},
        {"type": 3},
        MOVE | {"x": "3"},
        MOVE | {"x": math.nan},
        MOVE | {"y": math.inf},
        MOVE | {"y": 10**400},
        MOVE | {"y": -1e7},
        MOVE | {"shiftKey": "yes"},
        MOVE | {"of_no_use": {"x": [1]}},
        {"type": "KeyPress", "key": 5},
        {"type": "KeyPress", "key": "a", "keyCode": "a"},
        {"type": "Pan", "translation": [1]},
        {"type": "Pan", "translation": [1, "2"]},
        {"type": "Pan", "translation": 4},
        {"type": "Pinch", "positions": [FINGERS["0"]]},
        {"type": "Pinch", "positions": {"thumb": FINGERS["0"]}},
        {"type": "Pinch", "positions": {"0": {"x": 1}}},
        {"type": "Pinch", "positions": {"0": 1}},
        {"type": "Tap", "position": [1, 2]},
    ],
)
def test_an_event_that_vtk_cannot_read_is_none(event: object) -> None:
    assert event_of_view(event) is None


@pytest.mark.parametrize(
    "size",
    [
        {"w": 640, "h": 480.5, "p": 2},
        # A view that is hidden.
        {"w": 0, "h": 0, "p": 1},
        {"w": 10, "h": 20, "p": 1.25, "k": "more"},
    ],
)
def test_sizes_of_a_page_come_through_as_they_are(size: dict[str, object]) -> None:
    assert size_of_view(size) == size


@pytest.mark.parametrize(
    "size",
    [
        None,
        [640, 480],
        {"w": "640", "h": 480},
        {"w": -640, "h": 480},
        {"w": 640, "h": math.nan},
        {"w": 640, "h": 480, "p": 0},
        # Nobody has such a screen, and no memory holds its picture.
        {"w": 100_000, "h": 480},
        {"w": 9_000, "h": 480, "p": 3},
    ],
)
def test_a_size_that_no_view_has_is_none(size: object) -> None:
    assert size_of_view(size) is None
