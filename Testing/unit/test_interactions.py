from __future__ import annotations

import json

import numpy as np
import pytest

from SAIMCore.errors import InteractionError
from SAIMCore.interactions import (
    INTERACTION_TYPES,
    Box,
    Click,
    Interaction,
    Stroke,
    click_area,
    draw_masks,
    impose_interactions,
    interaction_from_json,
    interaction_radius,
)


def mask_of(interaction: Interaction, shape: tuple[int, int], classes: int = 3) -> np.ndarray:
    masks = np.zeros((classes, *shape), dtype=np.uint8)
    draw_masks([interaction], masks)
    return masks


@pytest.mark.parametrize(
    ("shape", "radius"), [((512, 512), 2), ((256, 256), 1), ((32, 48), 1), ((1024, 700), 4)]
)
def test_the_disk_scales_with_the_image_and_never_vanishes(shape, radius):
    assert interaction_radius(*shape) == radius


@pytest.mark.parametrize("shape", [(64, 64), (512, 512), (700, 900)])
def test_the_area_of_a_click_is_that_of_its_mark(shape: tuple[int, int]) -> None:
    rows, _ = Click(0, shape[0] // 2, shape[1] // 2, 1).mask_pixels(shape)
    assert click_area(*shape) == len(rows)


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
    with pytest.raises(InteractionError, match="row 0, column 8 lies outside"):
        Stroke(0, ((0, 0), (0, 8)), 1, radius=2).pixels((8, 8))


@pytest.mark.parametrize("radius", [0, 1, 2, 5, 12])
def test_a_stroke_paints_all_that_lies_within_its_radius_of_the_line(radius):
    shape, points = (30, 40), ((2, 3), (2, 3), (25, 38), (29, 0))
    line = np.zeros(shape, dtype=bool)
    line[Stroke(0, points, 1).pixels(shape)] = True
    rows, columns = np.indices(shape)
    nearest = np.full(shape, np.inf)
    for row, column in np.argwhere(line):
        nearest = np.minimum(nearest, (rows - row) ** 2 + (columns - column) ** 2)
    painted = np.zeros(shape, dtype=bool)
    painted[Stroke(0, points, 1, radius).pixels(shape)] = True
    assert np.array_equal(painted, nearest <= radius**2)


def test_checking_a_stroke_paints_nothing(monkeypatch):
    stroke = Stroke(0, ((0, 0), (7, 7)), 1, radius=3)
    monkeypatch.setattr(Stroke, "pixels", None)
    stroke.check((8, 8))
    with pytest.raises(InteractionError, match="row 7, column 7 lies outside the slice of 8 x 7"):
        stroke.check((8, 7))
    far = Stroke(0, ((0, 0), (10**30, 0)), 1)
    with pytest.raises(InteractionError, match="lies outside"):
        far.check((8, 8))


def test_a_stroke_wider_than_its_slice_is_refused():
    with pytest.raises(InteractionError, match="of the radius 100000 is wider than the slice of 8"):
        Stroke(0, ((0, 0),), 1, radius=100_000).pixels((8, 8))


def test_numpy_integers_become_ints():
    one = np.int64(1)
    for given, plain in (
        (Click(one, np.uint8(2), np.int16(3), one), Click(1, 2, 3, 1)),
        (Stroke(one, [np.array([4, 5])], one, one), Stroke(1, ((4, 5),), 1, 1)),
        (Box(one, one, np.uint8(2), np.int16(3), np.int64(4), one), Box(1, 1, 2, 3, 4, 1)),
    ):
        assert given == plain
        assert json.dumps(given.to_json()) == json.dumps(plain.to_json())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Click(0, 4.0, 2, 1), "the row of a click is 4.0; give a whole number"),
        (lambda: Click("0", 4, 2, 1), "the slice of a click is '0'"),
        (lambda: Click(0, 4, 2, True), "the class of a click is True"),
        (lambda: Stroke(0, ((1, 2.5),), 1), "the column of a point is 2.5"),
        (lambda: Stroke(0, ((1, 2),), 1, None), "the radius of a stroke is None"),
        (lambda: Stroke(0, ((1, 2),), 1, -2), "the radius of a stroke is -2; give 0 or more"),
        (lambda: Box(0, 1, 2, 3, None, 1), "the right of a box is None; give a whole number"),
        (lambda: Box(0, 4, 2, 3, 5, 1), "from row 4, column 2 to row 3, column 5 ends before it"),
        (lambda: Box(0, 1, 6, 3, 5, 1), "from row 1, column 6 to row 3, column 5 ends before it"),
    ],
)
def test_what_is_no_whole_number_is_refused_at_once(make, message):
    with pytest.raises(InteractionError, match=message):
        make()


def test_a_stroke_mask_is_what_was_painted():
    stroke = Stroke(0, ((1, 1), (5, 6)), 2, radius=1)
    rows, columns = stroke.pixels((8, 8))
    expected = np.zeros((8, 8), dtype=np.uint8)
    expected[rows, columns] = 1
    assert np.array_equal(mask_of(stroke, (8, 8))[2], expected)


def test_a_stroke_without_points_is_refused():
    with pytest.raises(InteractionError, match="at least one point"):
        Stroke(0, (), 1)


def test_a_box_is_all_of_its_pixels_with_its_borders():
    rows, columns = Box(0, 1, 2, 2, 4, 1).pixels((8, 8))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [
        (row, column) for row in (1, 2) for column in (2, 3, 4)
    ]
    assert mask_of(Box(0, 1, 2, 2, 4, 2), (8, 8))[2].sum() == 6


def test_a_box_of_one_pixel_is_that_pixel():
    assert [axis.tolist() for axis in Box(0, 3, 5, 3, 5, 1).pixels((8, 8))] == [[3], [5]]


@pytest.mark.parametrize(
    ("corner", "other"), [((1, 2), (5, 9)), ((5, 9), (1, 2)), ((1, 9), (5, 2)), ((5, 2), (1, 9))]
)
def test_a_box_is_drawn_from_any_corner(corner, other):
    assert Box.between(3, corner, other, 1) == Box(3, 1, 2, 5, 9, 1)


@pytest.mark.parametrize(
    ("sides", "place"),
    [
        ((-1, 0, 3, 3), "row -1, column 0"),
        ((0, 0, 8, 3), "row 8, column 3"),
        ((0, 0, 3, 10**30), f"row 3, column {10**30}"),
    ],
)
def test_a_box_that_leaves_the_slice_is_refused_with_its_corner(sides, place):
    box = Box(0, *sides, 1)
    for refused in (box.check, box.pixels):
        with pytest.raises(InteractionError, match=f"{place} lies outside the slice of 8 x 8"):
            refused((8, 8))


def test_outlines_are_a_dot_a_line_and_a_closed_line_around_the_pixels():
    assert Click(0, 3, 4, 1).outline == ((3, 4),)
    assert Stroke(0, ((1, 1), (4, 5)), 1).outline == ((1, 1), (4, 5))
    around = ((0.5, 1.5), (0.5, 4.5), (3.5, 4.5), (3.5, 1.5), (0.5, 1.5))
    assert Box(0, 1, 2, 3, 4, 1).outline == around


def test_interacted_pixels_obey_and_later_ones_win():
    labels = np.full((8, 8), 2, dtype=np.uint8)
    impose_interactions(labels, [Stroke(0, ((0, 0), (0, 7)), 1), Click(0, 0, 3, 0)])
    assert labels[0].tolist() == [1, 1, 1, 0, 1, 1, 1, 1]
    assert (labels[1:] == 2).all()
    impose_interactions(labels, [Box(0, 0, 0, 2, 7, 1), Box(0, 1, 1, 1, 2, 0)])
    assert labels[:3].sum() == 3 * 8 - 2
    assert (labels[3:] == 2).all()


@pytest.mark.parametrize(
    "interaction",
    [
        Click(3, 10, 20, 0),
        Stroke(2, ((1, 2), (3, 4)), 1, 3),
        Stroke(0, ((7, 7),), 2),
        Box(4, 1, 2, 5, 9, 1),
    ],
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
        ({"type": "lasso"}, "unknown interaction type 'lasso'; known are box, click, stroke"),
        ({"slice": 1, "row": 2, "class": 1}, "'column'.*row and column"),
        ({"slice": 1, "row": "x", "column": 2, "class": 1}, "row of a click is 'x'"),
        ({"slice": 1, "row": 4.7, "column": 2, "class": 1}, "row of a click is 4.7"),
        ({"slice": 1, "row": float("inf"), "column": 2, "class": 1}, "row of a click is inf"),
        ({"type": [], "slice": 1, "row": 2, "column": 3, "class": 1}, r"interaction type \[\]"),
        ({"type": "stroke", "slice": 1, "class": 1, "points": 7}, "not complete"),
        ({"type": "stroke", "slice": 1, "class": 1, "points": [[1, 2, 3]]}, "not complete"),
        ({"type": "stroke", "slice": 1, "class": 1}, "'points'.*points as whole numbers"),
        ({"type": "stroke", "slice": 1, "class": 1, "points": [1, 2]}, "not complete"),
        (
            {"type": "box", "slice": 1, "class": 1, "top": 1, "left": 2, "bottom": 3},
            "'right'.*top, left, bottom and right as whole numbers",
        ),
        (
            {"type": "box", "slice": 1, "class": 1, "top": 1, "left": 2, "bottom": 3.5, "right": 4},
            "the bottom of a box is 3.5",
        ),
    ],
)
def test_incomplete_entries_are_refused_with_what_is_missing(entry, message):
    with pytest.raises(InteractionError, match=message):
        interaction_from_json(entry)
