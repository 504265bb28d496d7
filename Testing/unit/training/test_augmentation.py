"""Augmentation: the labels follow the geometry exactly, and only intensities change otherwise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from SAIMCore.training.augmentation import Augmentation


def image(height: int = 20, width: int = 26) -> torch.Tensor:
    return torch.randn(height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("flip_rows", [False, True])
@pytest.mark.parametrize("flip_columns", [False, True])
def test_labels_follow_the_flips_exactly(flip_rows: bool, flip_columns: bool) -> None:
    change = Augmentation(flip_rows=flip_rows, flip_columns=flip_columns)
    labels = (image() > 0).to(torch.uint8)
    assert torch.equal(change.image(labels.float()), change.geometry(labels).float())
    moved = change.geometry(labels)
    for row, column in ((0, 0), (3, 17), (19, 25)):
        place = change.place(row, column, (20, 26))
        assert moved[place] == labels[row, column]


def test_without_changes_the_image_stays_as_it_is() -> None:
    assert torch.equal(Augmentation().image(image()), image())


def test_gamma_keeps_the_range_and_the_order_of_intensities() -> None:
    bent = Augmentation(gamma=1.4).image(image())
    assert torch.allclose(torch.stack(torch.aminmax(bent)), torch.stack(torch.aminmax(image())))
    assert torch.equal(bent.flatten().argsort(), image().flatten().argsort())
    assert not torch.allclose(bent, image())


def test_a_constant_slice_survives_every_change() -> None:
    change = Augmentation(gamma=0.8, blur_sigma=1.0, unsharp_amount=1.0, shift=0.25)
    assert torch.allclose(change.image(torch.full((9, 9), 2.0)), torch.full((9, 9), 2.25))


def test_blur_softens_and_unsharp_mask_sharpens() -> None:
    blurred = Augmentation(blur_sigma=1.0).image(image())
    sharpened = Augmentation(unsharp_amount=1.0).image(image())
    assert blurred.std() < image().std() < sharpened.std()


def test_slices_smaller_than_the_kernel_are_left_alone_by_blurring() -> None:
    small = image(4, 4)
    assert torch.equal(Augmentation(blur_sigma=1.0).image(small), small)


def test_drawing_is_repeatable_and_makes_every_change() -> None:
    drawn = [Augmentation.draw(np.random.default_rng(seed)) for seed in range(60)]
    assert drawn[0] == Augmentation.draw(np.random.default_rng(0))
    for name in ("flip_rows", "flip_columns", "shift", "blur_sigma", "unsharp_amount"):
        used = [bool(getattr(change, name)) for change in drawn]
        assert any(used)
        assert not all(used)
    assert not any(change.blur_sigma and change.unsharp_amount for change in drawn)
