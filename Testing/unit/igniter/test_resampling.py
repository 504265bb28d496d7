"""Series on an igniter's grid and probabilities back, compared with SimpleITK."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.igniter.interpolation import AxisSteps, interpolate
from SAIMCore.igniter.resampling import IgniterGrid, orientation_order

ORIENTATIONS = [None, "LPS", "RAS", "LIP", "SPL", "PIR"]
OWN = (None, None, None)
SPACINGS = [OWN, (None, 0.7, 1.6), (2.0, 1.5, 1.5), (4.5, 0.9, 1.0)]


def geometry_of(grid: IgniterGrid, series: Geometry, spacing: tuple) -> Geometry:
    """The igniter's grid in space, from its definition: nearest axes, same center."""
    source = grid.order.apply_to_geometry(series)
    steps = [wanted or own for wanted, own in zip(reversed(spacing), source.spacing, strict=True)]
    columns = np.reshape(source.direction, (3, 3))
    reach = [
        (own * (count - 1) - step * (size - 1)) / 2
        for own, count, step, size in zip(
            source.spacing, source.size, steps, reversed(grid.shape), strict=True
        )
    ]
    origin = np.array(source.origin) + columns @ np.array(reach)
    size = (grid.shape[2], grid.shape[1], grid.shape[0])
    return Geometry(size, tuple(steps), tuple(origin.tolist()), source.direction)


def with_sitk(array: NDArray, found: Geometry, wanted: Geometry) -> NDArray[np.float32]:
    """Linear, and the outermost values beyond them."""
    image = sitk.GetImageFromArray(array.astype(np.float64))
    found.apply_to(image)
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize(wanted.size)
    resampler.SetOutputSpacing(wanted.spacing)
    resampler.SetOutputOrigin(wanted.origin)
    resampler.SetOutputDirection(wanted.direction)
    resampler.SetInterpolator(sitk.sitkLinear)
    resampler.UseNearestNeighborExtrapolatorOn()
    return sitk.GetArrayFromImage(resampler.Execute(image)).astype(np.float32)


def inside(shape: tuple[int, ...], margin: int = 1) -> tuple[slice, ...]:
    """Where the extrapolation of SimpleITK, nearest on all axes at once, does not reach."""
    return tuple(
        slice(margin, side - margin) if side > 2 * margin else slice(None) for side in shape
    )


def noise(geometry: Geometry) -> NDArray[np.float32]:
    return np.random.default_rng(2).random(geometry.array_shape, dtype=np.float32)


def collected(slices: Iterator[tuple[int, Tensor]], geometry: Geometry) -> NDArray[np.float32]:
    """The slices (N, h, w) as an array (N, S, h, w); each of them came once."""
    found = dict(slices)
    assert sorted(found) == list(range(geometry.stack_shape[0]))
    return torch.stack([found[index] for index in sorted(found)], dim=1).numpy()


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_image_comes_to_the_grid_as_simpleitk_brings_it(
    geometry: Geometry, orientation: str | None, spacing: tuple
) -> None:
    array = noise(geometry)
    grid = IgniterGrid.over(geometry, orientation, spacing)
    found = grid.volume_there(torch.from_numpy(grid.ordered(array).copy())).numpy()
    wanted = geometry_of(grid, geometry, spacing)
    assert found.shape == wanted.array_shape == grid.shape
    expected = with_sitk(array, geometry, wanted)
    np.testing.assert_allclose(found[inside(found.shape)], expected[inside(found.shape)], atol=2e-5)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_probabilities_come_back_as_simpleitk_brings_them(
    geometry: Geometry, orientation: str | None, spacing: tuple
) -> None:
    grid = IgniterGrid.over(geometry, orientation, spacing)
    generator = torch.Generator().manual_seed(1)
    answer = torch.rand(3, *grid.shape, generator=generator).softmax(dim=0)
    found = collected(grid.slices_back(iter(answer.unbind(1))), geometry)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-5)
    place = geometry_of(grid, geometry, spacing)
    for channel, stack in zip(answer.numpy(), found, strict=True):
        back = to_slices(with_sitk(channel, place, geometry), geometry.acquisition_axis)
        margin = 3 if grid.resamples else 0
        part = inside(back.shape, margin)
        # Slices that were cut across pass through half precision.
        np.testing.assert_allclose(stack[part], back[part], atol=1e-3)


@pytest.mark.parametrize("orientation", [None, "LPS", "RPS", "LAI"])
def test_the_same_grid_is_the_same_bit_for_bit(plain: Geometry, orientation: str | None) -> None:
    array = noise(plain)
    grid = IgniterGrid.over(plain, orientation, (3.0, 1.0, 1.0))
    assert not grid.resamples
    assert grid.has_series_slices
    there = grid.volume_there(torch.from_numpy(grid.ordered(array).copy()))
    found = collected(grid.slices_back(iter(there[:, None].unbind(0))), plain)
    np.testing.assert_array_equal(found[0], to_slices(array, 2))


def test_spacings_that_differ_by_rounding_are_the_same_grid(plain: Geometry) -> None:
    almost = replace(plain, spacing=(0.99999994, 1.0000001, 3.0000002))
    assert not IgniterGrid.over(almost, "LPS", (3.0, 1.0, 1.0)).resamples


def test_the_letters_say_where_columns_rows_and_slices_lead(turn: Callable[..., Geometry]) -> None:
    axial = Geometry((4, 5, 6), (1, 1, 2), (0, 0, 0), tuple(np.eye(3).ravel()))
    order = orientation_order(axial, "LPS")
    assert (order.axes, order.flips) == ((0, 1, 2), (False, False, False))
    order = orientation_order(axial, "RAS")
    assert (order.axes, order.flips) == ((0, 1, 2), (True, True, False))
    # Columns go up, rows to the back, slices to the right.
    order = orientation_order(axial, "SPR")
    assert (order.axes, order.flips) == ((2, 1, 0), (False, False, True))
    assert orientation_order(turn(axial, 20), "SPR") == order


def test_an_axial_network_sees_a_sagittal_series_cut_across(plain: Geometry) -> None:
    sagittal = replace(plain, direction=(0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0))
    grid = IgniterGrid.over(sagittal, "LPS", OWN)
    assert grid.shape == (20, 24, 6)
    assert not grid.has_series_slices


def test_two_slices_are_held_at_a_time() -> None:
    steps = AxisSteps.between(40, 1.0, 7, 5.5)
    assert steps is not None
    taken = []

    def samples() -> Iterator[Tensor]:
        for number in range(40):
            taken.append(number)
            yield torch.tensor(float(number))

    found = steps.along(samples())
    first = next(found)
    assert max(taken) <= int(first) + 1
    expected = interpolate(torch.arange(40.0), 0, steps)
    assert torch.equal(torch.stack([first, *found]), expected)


def test_slices_that_end_too_soon_end_the_answer(plain: Geometry) -> None:
    for orientation, spacing in (("LPS", (1.0, None, None)), ("SPL", OWN), ("LPS", OWN)):
        grid = IgniterGrid.over(plain, orientation, spacing)
        planes = [torch.ones(1, *grid.shape[1:])] * 3
        assert len(list(grid.slices_back(iter(planes)))) < plain.size[2]


def test_one_slice_becomes_as_many_as_there_are() -> None:
    steps = AxisSteps.between(1, 8.0, 4, 2.0)
    assert interpolate(torch.tensor([3.0]), 0, steps).tolist() == [3.0] * 4
    assert AxisSteps.between(1, 8.0, 1, 8.0) is None
