"""Curves as pictures for the page."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from SAIMCore.campaign.plots import Plot
from SAIMWeb.curve_drawing import LARGE, MOST_PLACES, draw


def parts(picture: str, kind: str) -> list[ET.Element]:
    return [part for part in ET.fromstring(picture).iter() if part.tag.endswith(f"}}{kind}")]


def texts(picture: str) -> list[str]:
    return [part.text or "" for part in parts(picture, "text")]


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ((0.31, 0.92), ["0.2", "0.4", "0.6", "0.8", "1"]),
        ((41.0, 58.0), ["40", "45", "50", "55", "60"]),
        ((0.0, 1200.0), ["0", "500", "1000", "1500"]),
        ((3.0, 3.0), ["2", "2.5", "3", "3.5", "4"]),
    ],
)
def test_lines_are_at_round_values(values: tuple[float, float], lines: list[str]) -> None:
    picture = draw(Plot("p", "x", "y", (1.0, 2.0), {"a": values}))
    assert texts(picture)[: len(lines)] == lines


def test_of_very_many_places_some_are_drawn_and_the_latest_one_is() -> None:
    x = tuple(float(number) for number in range(10_001))
    picture = draw(Plot("p", "x", "y", x, {"a": x}))
    (line,) = parts(picture, "polyline")
    places = line.attrib["points"].split()
    assert len(places) <= MOST_PLACES
    assert parts(picture, "circle") == []
    small = draw(Plot("p", "x", "y", x[-2:], {"a": x[-2:]}))
    (other,) = parts(small, "polyline")
    assert places[-1] == other.attrib["points"].split()[-1].split()[0]


def test_a_curve_without_values_has_no_name() -> None:
    picture = draw(Plot("p", "x", "y", (1.0,), {"a": (None,), "b": (1.0,)}))
    assert "b" in texts(picture)
    assert "a" not in texts(picture)


def test_names_stand_side_by_side_where_they_are_short() -> None:
    curves = {f"{number} clicks": (1.0,) for number in range(4)}
    small, large = (draw(Plot("p", "x", "y", (1.0,), curves), size) for size in ((280, 170), LARGE))
    heights = [ET.fromstring(picture).attrib["viewBox"].split()[3] for picture in (small, large)]
    assert heights == ["198", "414"]
    long = {"a class with a long name": (1.0,), "b": (1.0,)}
    assert ET.fromstring(draw(Plot("p", "x", "y", (1.0,), long))).attrib["viewBox"].endswith("198")


def test_it_says_what_it_shows() -> None:
    picture = ET.fromstring(draw(Plot("mIoU <b>", "x", "y", (1.0,), {"a": (1.0,)})))
    assert picture.attrib["aria-label"] == "mIoU <b>"
