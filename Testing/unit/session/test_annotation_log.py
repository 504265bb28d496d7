from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Box, Click, Stroke, interaction_from_json
from SAIMCore.session.annotation_log import AnnotationLog


def reread(log: AnnotationLog) -> AnnotationLog:
    return AnnotationLog.from_text(log.text(), "the log")


def test_an_interaction_is_noted_with_its_time_annotator_and_model():
    log = AnnotationLog()
    before = datetime.now(timezone.utc)
    made = [Click(3, 4, 5, 1), Stroke(2, ((0, 0), (3, 4)), 2, 1), Box(1, 2, 3, 4, 5, 0)]
    log.add(made, "ada", "round-002")
    log.add([Click(0, 0, 0, 0)], "bob", None)
    entries = json.loads(log.text())["interactions"]
    assert [interaction_from_json(entry) for entry in entries] == [*made, Click(0, 0, 0, 0)]
    assert [entry["annotator"] for entry in entries] == ["ada", "ada", "ada", "bob"]
    assert [entry["model"] for entry in entries] == ["round-002"] * 3 + [None]
    for entry in entries:
        time = datetime.fromisoformat(entry["time"])
        assert time.utcoffset() is not None
        assert before <= time <= datetime.now(timezone.utc)


def test_the_time_of_all_sittings_adds_up():
    log = AnnotationLog()
    first = log.begin("ada")
    log.add_active(first, 12.5)
    second = log.begin("bob")
    log.add_active(second, 3)
    log.add_active(first, 7.5)
    assert log.seconds_active == 23
    sittings = json.loads(log.text())["sittings"]
    assert [(entry["annotator"], entry["seconds_active"]) for entry in sittings] == [
        ("ada", 20),
        ("bob", 3),
    ]
    assert sittings[0]["started"] <= sittings[1]["started"]


def test_a_log_that_was_read_again_goes_on():
    log = AnnotationLog()
    log.add_active(log.begin("Ådå"), 1.5)
    log.add([Click(3, 4, 5, 1)], "Ådå", "m")
    again = reread(log)
    assert again.text() == log.text()
    again.add_active(again.begin("bob"), 2)
    again.add([Click(1, 1, 1, 1)], "bob", "m")
    assert again.seconds_active == 3.5
    document = json.loads(again.text())
    assert [entry["annotator"] for entry in document["sittings"]] == ["Ådå", "bob"]
    assert len(document["interactions"]) == 2
    assert reread(AnnotationLog()).seconds_active == 0


def test_people_find_one_line_for_each_interaction():
    log = AnnotationLog()
    log.add([Click(0, number, 0, 1) for number in range(5)], "ada", "m")
    assert sum('"type": "click"' in line for line in log.text().splitlines()) == 5


def test_a_time_that_cannot_be_is_refused():
    log = AnnotationLog()
    sitting = log.begin("ada")
    for seconds in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ProjectError, match="give at least 0"):
            log.add_active(sitting, seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "half",
        "[]",
        "{}",
        '{"format": 1}',
        '{"format": 1, "sittings": [{}], "interactions": []}',
        '{"format": 1, "sittings": [{"seconds_active": "long"}], "interactions": []}',
        '{"format": 1, "sittings": [3], "interactions": []}',
        '{"format": 1, "sittings": [], "interactions": 3}',
        '{"format": 1, "sittings": [], "interactions": ["click"]}',
    ],
)
def test_a_text_that_is_no_log_is_named(text):
    with pytest.raises(ProjectError, match="the text node 'a' holds no log of SAIM"):
        AnnotationLog.from_text(text, "the text node 'a'")


def test_a_newer_log_is_refused():
    with pytest.raises(ProjectError, match="format 2, this version of SAIM reads up to 1"):
        AnnotationLog.from_text('{"format": 2, "strokes": {}}', "the log")
