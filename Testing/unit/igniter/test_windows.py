"""Windows over images of any size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from SAIMCore.igniter.windows import Windows

SHAPES = [(16, 16), (10, 40), (40, 41), (16, 17), (3, 5)]
VOLUMES = [(8, 16, 16), (20, 30, 17), (5, 40, 16), (9, 8, 8), (33, 16, 16)]


def as_answer(window: Tensor) -> Tensor:
    """Two channels (count, 2, ...) that tell every voxel apart."""
    return torch.stack([window, 3 - window], dim=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_cut_is_joined_again(shape: tuple[int, int]) -> None:
    image = torch.rand(shape)
    windows = Windows.covering(shape, (16, 16), None)
    parts = windows.cut(image, 9.0)
    assert parts.shape == (windows.count, 16, 16)
    joined = windows.joined(as_answer(parts))
    torch.testing.assert_close(joined, as_answer(image[None])[0])


@pytest.mark.parametrize("shape", VOLUMES)
def test_a_volume_comes_slice_by_slice(shape: tuple[int, int, int]) -> None:
    image = torch.rand(shape)
    windows = Windows.covering(shape, (8, 16, 16), None)
    runs: list[int] = []

    def run(window: Tensor) -> Tensor:
        runs.append(1)
        assert window.shape == (1, 8, 16, 16)
        return as_answer(window)

    slices = list(windows.slices(image, 0.0, run))
    assert len(runs) == windows.count
    torch.testing.assert_close(torch.stack(slices, dim=1), as_answer(image[None])[0])


def test_slices_come_before_all_windows_have_run() -> None:
    windows = Windows.covering((64, 16, 16), (8, 16, 16), None)
    runs: list[int] = []

    def run(window: Tensor) -> Tensor:
        runs.append(1)
        return as_answer(window)

    found: Iterator[Tensor] = windows.slices(torch.rand(64, 16, 16), 0.0, run)
    list(itertools.islice(found, 4))
    assert len(runs) == 1
    list(itertools.islice(found, 1))
    assert len(runs) == 2


def test_windows_overlap_by_half_and_stay_inside() -> None:
    windows = Windows.covering((100, 16), (32, 16), None)
    (rows, columns) = windows.starts
    assert rows[0] == 0
    assert rows[-1] == 100 - 32
    assert all(later - first <= 16 for first, later in itertools.pairwise(rows))
    assert columns == (0,)


def test_one_window_gives_exactly_the_answer() -> None:
    windows = Windows.covering((10, 12), None, 8)
    assert windows.window == (16, 16)
    answer = torch.rand(1, 3, 16, 16)
    assert torch.equal(windows.joined(answer), answer[0, :, :10, :12])


def test_a_small_image_is_padded_at_its_end() -> None:
    (window,) = Windows.covering((2, 3), (4, 4), None).cut(torch.ones(2, 3), -7.0)
    assert torch.equal(window[:2, :3], torch.ones(2, 3))
    assert (window[2:] == -7).all()
    assert (window[:, 3:] == -7).all()


def test_the_middle_of_a_window_counts_more_than_its_border() -> None:
    windows = Windows.covering((24,), (16,), None)
    assert windows.starts == ((0, 8),)
    first, second = torch.zeros(1, 16), torch.ones(1, 16)
    (joined,) = windows.joined(torch.stack([first, second]))
    assert (joined[:8] == 0).all()
    assert (joined[16:] == 1).all()
    assert (joined[8:16].diff() > 0).all()
    assert joined[8] < 0.2
    assert joined[15] > 0.8


def test_gradients_pass_through_joined_windows() -> None:
    windows = Windows.covering((20, 20), (16, 16), None)
    answers = torch.rand(windows.count, 2, 16, 16, requires_grad=True)
    windows.joined(answers)[0, 10, 10].backward()
    assert answers.grad is not None
    assert (answers.grad[:, 0] != 0).flatten(1).sum(dim=1).tolist() == [1] * windows.count
