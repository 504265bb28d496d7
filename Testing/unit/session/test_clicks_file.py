from __future__ import annotations

import json
from pathlib import Path

import pytest

from SAIMCore.errors import InteractionError
from SAIMCore.interactions import Box, Click, Stroke
from SAIMCore.session.clicks_file import group_by_slice, read_clicks


def written(folder: Path, text: str) -> Path:
    path = folder / "clicks.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_clicks_and_strokes_are_read_in_their_order(tmp_path):
    stroke, box = Stroke(0, ((1, 1), (4, 5)), 2, 1), Box(0, 1, 2, 5, 9, 0)
    given = [Click(3, 1, 2, 1), stroke, box, Click(3, 7, 7, 0)]
    path = written(tmp_path, json.dumps([entry.to_json() for entry in given]))
    assert read_clicks(path) == given


def test_an_empty_list_is_no_clicks(tmp_path):
    assert read_clicks(written(tmp_path, "[]")) == []


def test_clicks_are_grouped_by_slice_in_their_order():
    first, second, third = Click(3, 1, 2, 1), Click(0, 1, 1, 2), Click(3, 7, 7, 0)
    groups = group_by_slice([first, second, third])
    assert groups == {3: [first, third], 0: [second]}
    assert list(groups) == [3, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"clicks\.json is not JSON"),
        ('{"slice": 1}', "holds a JSON dict; give a list of clicks"),
        ("3", "holds a JSON int"),
        ("[3]", "entry 1 of .* is 3; give an object with slice"),
        ('[{"slice": 0, "row": 1, "column": 1, "class": 1}, {"slice": 0}]', "entry 2 of .*'row'"),
        ('[{"type": "lasso"}]', "entry 1 of .*unknown interaction type 'lasso'"),
        ('[{"slice": 0, "row": Infinity, "column": 1, "class": 1}]', "entry 1 of .*row .* is inf"),
        ('[{"slice": 0, "row": 4.7, "column": 1, "class": 1}]', "entry 1 of .*row .* is 4.7"),
        ('[{"type": "box", "slice": 0, "class": 1}]', "entry 1 of .*top, left, bottom and right"),
        ('[{"type": []}]', r"entry 1 of .*unknown interaction type \[\]"),
    ],
)
def test_files_that_hold_no_clicks_are_refused_with_the_place(tmp_path, text, message):
    with pytest.raises(InteractionError, match=message):
        read_clicks(written(tmp_path, text))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "clicks.json"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InteractionError, match="is not JSON"):
        read_clicks(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InteractionError, match=r"cannot read the clicks file .*none\.json"):
        read_clicks(tmp_path / "none.json")
