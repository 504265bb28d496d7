"""No patient on two sides of a split."""

from __future__ import annotations

import pytest

from SAIMCore.project.patients import patients_across


@pytest.mark.parametrize(
    ("first", "second", "across"),
    [
        ("annotated", "unannotated", False),
        ("annotated", "in progress", False),
        ("test", "test", False),
        ("test", "excluded", False),
        ("annotated", "test", True),
        ("unannotated", "validation", True),
        ("validation", "test", True),
    ],
)
def test_series_of_a_patient_must_be_on_one_side(first: str, second: str, across: bool) -> None:
    assert bool(patients_across([("a", "p", first), ("b", "p", second)])) is across
    assert not patients_across([("a", "p", first), ("b", "q", second)])
    assert not patients_across([("a", None, first), ("b", None, second)])


def test_the_sentence_names_the_series_of_each_side() -> None:
    series = [("a", "p1", "annotated"), ("b", "p1", "annotated"), ("c", "p1", "test")]
    assert patients_across(series) == {
        "p1": "patient 'p1' is in more than one split: 'a', 'b' in training, 'c' in test; "
        "keep all series of a patient in one split"
    }
