"""What the page says of rows, sides of the patient, curves and questions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from SAIMCore.campaign.plots import Plot
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.queue_view import QueueView
from SAIMWeb.curve_drawing import draw
from SAIMWeb.orientation import sides
from SAIMWeb.questions import Questions
from SAIMWeb.queue_rows import ROWS_PER_PAGE, page_count, rows_of_page, shown_row

ROW = QueueRow(
    name="case1",
    patient=None,
    status="unannotated",
    reason=None,
    pinned=False,
    skipped=False,
    slices=30,
    rank=1,
    score=0.25,
    model_version="round-001",
    stale=False,
    predicted_minutes=9.6,
    annotator=None,
    minutes_spent=2.0,
    clicks=1,
    within_budget=None,
)


def test_a_row_says_what_it_takes() -> None:
    shown = shown_row(ROW, "/case1.png", "", writable=True)
    assert shown["details"] == "8 min left · 30 slices · 1 click"
    assert (shown["score"], shown["thumbnail"]) == ("0.250", "/case1.png")


def test_a_row_says_what_it_took() -> None:
    done = replace(ROW, status="annotated", rank=None, score=None, annotator="ada", clicks=0)
    shown = shown_row(done, "", "", writable=True)
    assert (shown["details"], shown["score"]) == ("ada · 2 min · 30 slices", "")


def test_any_number_of_rows_comes_page_by_page() -> None:
    names = [f"case{number:05d}" for number in range(10_000)]
    view = QueueView([replace(ROW, name=name) for name in names])
    pages = [rows_of_page(view, page) for page in range(1, page_count(view) + 1)]
    assert [row.name for page in pages for row in page] == names
    assert max(map(len, pages)) == ROWS_PER_PAGE
    # A page that there is not any more.
    assert rows_of_page(view, 10_000) == pages[-1]
    assert rows_of_page(QueueView(), 1) == []


@pytest.mark.parametrize(
    ("right", "up", "expected"),
    [
        ((-1, 0, 0), (0, 1, 0), {"left": "R", "right": "L", "top": "A", "bottom": "P"}),
        ((0, -1, 0), (0, 0, 1), {"left": "A", "right": "P", "top": "S", "bottom": "I"}),
        ((-0.8, 0.6, 0), (0, 0, 1), {"left": "RP", "right": "LA", "top": "S", "bottom": "I"}),
        ((-0.99, 0.14, 0), (0, 0, 1), {"left": "R", "right": "L", "top": "S", "bottom": "I"}),
    ],
)
def test_sides_of_the_patient(
    right: tuple[float, ...], up: tuple[float, ...], expected: dict[str, str]
) -> None:
    assert sides(right, up) == expected


def test_curves_are_drawn_with_their_names() -> None:
    plot = Plot(
        "mIoU", "training <series>", "%", (4.0, 8.0), {"0 clicks": (40.0, None), "1": (50.0, 60.0)}
    )
    picture = ET.fromstring(draw(plot))
    points = [part for part in picture.iter() if part.tag.endswith("circle")]
    assert len(points) == 3
    texts = {part.text for part in picture.iter() if part.tag.endswith("text")}
    assert {"0 clicks", "1", "training <series>", "4", "8"} <= texts
    heights = [float(point.attrib["cy"]) for point in points]
    assert heights[2] < heights[1] < heights[0]


def test_without_a_point_there_is_no_picture() -> None:
    assert draw(Plot("mIoU", "x", "y", (), {"0 clicks": ()})) == ""


def test_yes_does_it_once_more() -> None:
    questions, done = Questions(), []

    def act() -> None:
        if questions.agrees("really?"):
            done.append(True)

    questions.do(act)
    assert (questions.pending, done) == ("really?", [])
    questions.answer(True)
    assert (questions.pending, done) == ("", [True])
    # It was said once.
    questions.do(act)
    assert (questions.pending, done) == ("really?", [True])
    questions.answer(False)
    assert (questions.pending, done) == ("", [True])


def test_another_question_is_asked_again() -> None:
    questions, asked = Questions(), ["first?", "second?"]

    def act() -> None:
        questions.agrees(asked.pop(0))

    questions.do(act)
    questions.answer(True)
    assert questions.pending == "second?"
