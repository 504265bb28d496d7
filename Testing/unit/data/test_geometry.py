"""Grids and stacks."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.geometry import Geometry, from_slices, to_slices
from SAIMCore.errors import ProjectError

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def grid(size: tuple[int, int, int], spacing: tuple[float, float, float]) -> Geometry:
    return Geometry(size, spacing, (0.0, 0.0, 0.0), IDENTITY)


@pytest.mark.parametrize(
    ("spacing", "axis"),
    [
        ((1.0, 1.0, 3.0), 2),
        ((1.0, 3.0, 1.0), 1),
        ((3.0, 1.0, 1.0), 0),
        ((1.0, 1.0, 1.0), 2),
        ((3.0, 3.0, 1.0), 1),
        ((3.0, 1.0, 3.0), 2),
        ((1.0000001, 1.0, 1.0), 2),
    ],
)
def test_the_acquisition_axis_has_the_largest_spacing_and_the_last_of_equal_ones(
    spacing: tuple[float, float, float], axis: int
) -> None:
    geometry = grid((4, 5, 6), spacing)
    assert geometry.acquisition_axis == axis
    assert geometry.stack_spacing[0] == pytest.approx(max(spacing))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_stacks_have_the_acquisition_axis_first_and_turn_back_exactly(axis: int) -> None:
    spacing = [0.5, 0.6, 0.7]
    spacing[axis] = 4.0
    geometry = grid((4, 5, 6), (spacing[0], spacing[1], spacing[2]))
    volume = np.arange(120).reshape(geometry.array_shape)
    stack = to_slices(volume, geometry.acquisition_axis)
    assert stack.shape == geometry.stack_shape
    assert stack.shape[0] == geometry.size[axis]
    assert geometry.stack_spacing[0] == 4.0
    assert np.array_equal(stack[1], volume.take(1, axis=2 - axis))
    assert np.array_equal(from_slices(stack, axis), volume)


def test_the_stack_spacing_belongs_to_the_stack_shape() -> None:
    geometry = grid((4, 5, 6), (0.5, 4.0, 0.7))
    assert geometry.stack_shape == (5, 6, 4)
    assert geometry.stack_spacing == (4.0, 0.7, 0.5)


def test_a_geometry_survives_an_image_and_json() -> None:
    image = sitk.Image((3, 4, 5), sitk.sitkUInt8)
    geometry = Geometry((3, 4, 5), (0.7, 0.8, 3.0), (1.5, -2.5, 9.0), (0, 0, 1, 1, 0, 0, 0, 1, 0))
    geometry.apply_to(image)
    assert Geometry.from_image(image) == geometry
    assert Geometry.from_json(json.loads(json.dumps(geometry.to_json()))) == geometry


@pytest.mark.parametrize(
    "entry", [{}, {"size": [1, 2], "spacing": [1], "origin": [1], "direction": [1]}, {"size": 3}]
)
def test_an_incomplete_geometry_is_refused(entry: dict) -> None:
    with pytest.raises(ProjectError, match="geometry"):
        Geometry.from_json(entry)


def test_equal_grids_have_no_difference(geometry: Geometry) -> None:
    assert geometry.difference(geometry) is None


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        ({"size": (6, 8, 4)}, "size 6 x 8 x 4 instead of 6 x 8 x 5"),
        ({"spacing": (0.7, 0.8, 3.4)}, "spacing 0.7 x 0.8 x 3.4 mm instead of 0.7 x 0.8 x 3.3 mm"),
        (
            {"origin": (-12.25, 40.5, 7.225)},
            "origin (-12.25, 40.5, 7.225) mm instead of (-12.25, 40.5, 7.125) mm",
        ),
        (
            {"direction": (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)},
            "direction (-1, 0, 0, 0, 1, 0, 0, 0, 1) instead of (1, 0, 0, 0, 1, 0, 0, 0, 1)",
        ),
    ],
)
def test_a_difference_is_named_with_both_values(
    geometry: Geometry, changed: dict, phrase: str
) -> None:
    assert replace(geometry, **changed).difference(geometry) == phrase


def test_a_small_turn_counts_by_what_it_moves() -> None:
    turn = 1e-3
    tilted = (1.0, -turn, 0.0, turn, 1.0, 0.0, 0.0, 0.0, 1.0)
    large, small = grid((512, 512, 20), (1.0, 1.0, 2.0)), grid((8, 8, 4), (1.0, 1.0, 2.0))
    assert replace(small, direction=tilted).difference(small) is None
    assert str(replace(large, direction=tilted).difference(large)).startswith("direction")


def test_rounding_to_float32_is_no_difference() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        direction, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        origin = rng.uniform(-900, 900, 3)
        spacing = rng.uniform(0.3, 5, 3)
        exact = Geometry((512, 512, 300), tuple(spacing), tuple(origin), tuple(direction.ravel()))
        rounded = Geometry(
            exact.size,
            tuple(spacing.astype(np.float32).tolist()),
            tuple(origin.astype(np.float32).tolist()),
            tuple(direction.astype(np.float32).ravel().tolist()),
        )
        assert rounded.difference(exact) is None
