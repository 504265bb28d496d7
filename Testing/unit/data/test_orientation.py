"""The same grid with its axes in another order or direction."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import AxisOrder, axis_order

ORDERS = [
    AxisOrder(axes, flips)
    for axes in permutations((0, 1, 2))
    for flips in product((False, True), repeat=3)
]
OBLIQUE = (0.8, -0.36, 0.48, 0.6, 0.48, -0.64, 0.0, 0.8, 0.6)


@pytest.fixture
def oblique(geometry: Geometry) -> Geometry:
    return replace(geometry, direction=OBLIQUE)


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_every_order_of_axes_is_found_and_undone_exactly(
    order: AxisOrder, oblique: Geometry
) -> None:
    volume = np.arange(240).reshape(oblique.array_shape)
    turned = order.apply_to_geometry(oblique)
    stored = order.apply(volume)
    assert stored.shape == turned.array_shape
    back = axis_order(turned, oblique)
    assert back is not None
    assert np.array_equal(back.apply(stored), volume)
    assert back.apply_to_geometry(turned).difference(oblique) is None


@pytest.mark.parametrize("order", ORDERS[::7], ids=str)
def test_every_voxel_stays_where_it_is_in_space(order: AxisOrder, oblique: Geometry) -> None:
    volume = np.arange(240, dtype=np.int16).reshape(oblique.array_shape)
    image = sitk.GetImageFromArray(volume)
    oblique.apply_to(image)
    turned = sitk.GetImageFromArray(np.ascontiguousarray(order.apply(volume)))
    order.apply_to_geometry(oblique).apply_to(turned)
    for index in [(0, 0, 0), (5, 7, 4), (2, 6, 1)]:
        place = turned.TransformPhysicalPointToIndex(image.TransformIndexToPhysicalPoint(index))
        assert turned.GetPixel(place) == image.GetPixel(index)


def test_a_flipped_header_alone_is_another_grid(geometry: Geometry) -> None:
    mirrored = replace(geometry, direction=(-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    assert axis_order(mirrored, geometry) is None


def test_a_shifted_grid_matches_in_no_order(geometry: Geometry) -> None:
    x, y, z = geometry.origin
    assert axis_order(replace(geometry, origin=(x, y + 0.1, z)), geometry) is None
