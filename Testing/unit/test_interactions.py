from __future__ import annotations

import json

import numpy as np
import pytest

from SAIMCore.errors import InteractionError
from SAIMCore.interactions import (
    INTERACTION_TYPES,
    Click,
    Stroke,
    draw_masks,
    impose_interactions,
    interaction_from_json,
    interaction_radius,
)


def mask_of(interaction: Click | Stroke, shape: tuple[int, int], classes: int = 3) -> np.ndarray:
    masks = np.zeros((classes, *shape), dtype=np.uint8)
    draw_masks([interaction], masks)
    return masks


@pytest.mark.parametrize(
    ("shape", "radius"), [((512, 512), 2), ((256, 256), 1), ((32, 48), 1), ((1024, 700), 4)]
)
def test_the_disk_scales_with_the_image_and_never_vanishes(shape, radius):
    assert interaction_radius(*shape) == radius


def test_a_click_draws_a_disk_in_the_mask_of_its_class_only():
    masks = mask_of(Click(0, 10, 20, 2), (512, 512))
    assert masks[:2].sum() == 0
    rows, columns = np.nonzero(masks[2])
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {
        (10 + r, 20 + c) for r in range(-2, 3) for c in range(-2, 3) if r * r + c * c <= 4
    }


def test_a_click_in_the_corner_draws_the_part_of_the_disk_that_is_inside():
    masks = mask_of(Click(0, 0, 63, 1), (64, 64))
    assert sorted(zip(*(axis.tolist() for axis in np.nonzero(masks[1])), strict=True)) == [
        (0, 62),
        (0, 63),
        (1, 63),
    ]


def test_a_click_claims_one_pixel():
    rows, columns = Click(0, 3, 4, 1).pixels((8, 8))
    assert (rows.tolist(), columns.tolist()) == ([3], [4])


@pytest.mark.parametrize("place", [(-1, 0), (0, -1), (8, 0), (0, 8)])
def test_a_click_outside_the_slice_is_refused_with_its_place(place):
    with pytest.raises(InteractionError, match=f"row {place[0]}, column {place[1]}.*8 x 8"):
        Click(0, *place, 1).pixels((8, 8))


def test_a_stroke_has_no_gaps_between_its_points():
    rows, columns = Stroke(0, ((0, 0), (3, 9), (9, 9)), 1).pixels((10, 10))
    order = np.lexsort((columns, rows))
    painted = np.zeros((10, 10), dtype=bool)
    painted[rows, columns] = True
    assert painted[0, 0]
    assert painted[3, 9]
    assert painted[9, 9]
    assert painted.any(axis=0).all(), "every column on the way is crossed"
    assert painted.any(axis=1).all()
    assert len(order) == painted.sum(), "no pixel twice"


def test_a_stroke_of_one_point_is_one_pixel_or_one_disk():
    assert [axis.tolist() for axis in Stroke(0, ((2, 3),), 1).pixels((8, 8))] == [[2], [3]]
    rows, _ = Stroke(0, ((2, 3),), 1, radius=1).pixels((8, 8))
    assert rows.tolist() == [1, 2, 2, 2, 3]


def test_a_thick_stroke_is_cut_at_the_edge_but_its_line_must_be_inside():
    rows, columns = Stroke(0, ((0, 0), (0, 5)), 1, radius=2).pixels((8, 8))
    assert rows.min() == 0
    assert columns.min() == 0
    with pytest.raises(InteractionError, match="outside"):
        Stroke(0, ((0, 0), (0, 8)), 1, radius=2).pixels((8, 8))


def test_a_stroke_mask_is_what_was_painted():
    stroke = Stroke(0, ((1, 1), (5, 6)), 2, radius=1)
    rows, columns = stroke.pixels((8, 8))
    expected = np.zeros((8, 8), dtype=np.uint8)
    expected[rows, columns] = 1
    assert np.array_equal(mask_of(stroke, (8, 8))[2], expected)


def test_a_stroke_without_points_is_refused():
    with pytest.raises(InteractionError, match="at least one point"):
        Stroke(0, (), 1)


def test_interacted_pixels_obey_and_later_ones_win():
    labels = np.full((8, 8), 2, dtype=np.uint8)
    impose_interactions(labels, [Stroke(0, ((0, 0), (0, 7)), 1), Click(0, 0, 3, 0)])
    assert labels[0].tolist() == [1, 1, 1, 0, 1, 1, 1, 1]
    assert (labels[1:] == 2).all()


@pytest.mark.parametrize(
    "interaction",
    [Click(3, 10, 20, 0), Stroke(2, ((1, 2), (3, 4)), 1, 3), Stroke(0, ((7, 7),), 2)],
)
def test_every_interaction_survives_json(interaction):
    assert interaction.kind in INTERACTION_TYPES
    assert interaction_from_json(json.loads(json.dumps(interaction.to_json()))) == interaction


def test_an_entry_without_type_is_a_click():
    assert interaction_from_json({"slice": 1, "row": 2, "column": 3, "class": 1}) == Click(
        1, 2, 3, 1
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "lasso"}, "unknown interaction type 'lasso'; known are click, stroke"),
        ({"slice": 1, "row": 2, "class": 1}, "'column'.*row and column"),
        ({"slice": 1, "row": "x", "column": 2, "class": 1}, "not complete"),
        ({"type": "stroke", "slice": 1, "class": 1}, "'points'.*points as whole numbers"),
        ({"type": "stroke", "slice": 1, "class": 1, "points": [1, 2]}, "not complete"),
    ],
)
def test_incomplete_entries_are_refused_with_what_is_missing(entry, message):
    with pytest.raises(InteractionError, match=message):
        interaction_from_json(entry)
