"""What interactions demand of the pixels of a slice."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.conditioning.targets import contradiction, demands
from SAIMCore.errors import InteractionError
from SAIMCore.interactions import Box, Click, Stroke


def test_a_click_demands_its_disk_and_a_stroke_its_line() -> None:
    found = demands((Click(0, 5, 5, 2), Stroke(0, ((20, 3), (20, 12)), 1)), (32, 32))
    assert (found.targets[4:7, 5] == 2).all()
    assert (found.targets[20, 3:13] == 1).all()
    assert (found.targets != FREE).sum() == 5 + 10
    assert found.overruled == 0
    assert found.sentence == ""


def test_the_later_interaction_wins_and_that_is_said() -> None:
    first, second = Stroke(0, ((8, 0), (8, 9)), 1), Stroke(0, ((0, 4), (15, 4)), 2)
    found = demands((first, second), (16, 16))
    assert found.targets[8, 4] == 2
    assert found.overruled == 1
    assert found.sentence == (
        "1 pixel got different classes one after the other; the later one counts"
    )
    assert demands((second, first), (16, 16)).targets[8, 4] == 1


def test_a_box_demands_all_of_its_pixels() -> None:
    found = demands((Box(0, 2, 3, 5, 9, 1), Box(0, 4, 3, 4, 4, 0)), (16, 16))
    assert (found.targets[2:6, 3:10] == 1).sum() == 4 * 7 - 2
    assert (found.targets[4, 3:5] == 0).all()
    assert (found.targets != FREE).sum() == 4 * 7
    assert found.overruled == 2


def test_what_was_contradicted_before_is_not_said_again() -> None:
    before = (Box(0, 0, 0, 3, 3, 1), Box(0, 0, 0, 0, 1, 2))
    later = Box(0, 2, 2, 2, 4, 2)
    assert demands((*before, later), (8, 8)).overruled == 4
    assert demands((*before, later), (8, 8), known=2).overruled == 2
    assert contradiction((*before, later), (8, 8), known=2).startswith("2 pixels got different")
    assert contradiction((*before, Click(0, 6, 6, 2)), (8, 8), known=2) == ""


def test_interactions_of_one_class_contradict_nothing() -> None:
    assert contradiction((), (8, 8)) == ""
    assert contradiction((Box(0, 0, 0, 3, 3, 1), Click(0, 2, 2, 1)), (8, 8)) == ""


def test_the_same_class_twice_contradicts_nothing() -> None:
    again = (Click(0, 5, 5, 1), Click(0, 5, 6, 1))
    assert demands(again, (16, 16)).overruled == 0


def test_a_pixel_counts_once_however_often_it_changed() -> None:
    stroke = [Stroke(0, ((3, 0), (3, 4)), number) for number in (1, 2, 1)]
    found = demands(stroke, (8, 8))
    assert found.overruled == 5
    assert "5 pixels" in found.sentence


def test_without_interactions_all_pixels_are_free() -> None:
    np.testing.assert_array_equal(demands((), (4, 4)).targets, np.full((4, 4), FREE))


def test_one_outside_the_slice_is_refused() -> None:
    with pytest.raises(InteractionError, match="click inside the image"):
        demands((Click(0, 40, 5, 1),), (32, 32))
