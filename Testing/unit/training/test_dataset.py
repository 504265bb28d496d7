"""The order of slices and their changes depend on the seed alone."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAIMCore.classes import ClassTable
from SAIMCore.data.cache import SeriesCache
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.labeled import LabeledSeries, open_labeled
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.reading import write_labelmap
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import TrainingError
from SAIMCore.training.dataset import EpochSampler, SliceDataset, collate, create_loader
from SAIMCore.training.losses import IGNORED

Maker = Callable[..., LabeledSeries]


def pixels_of(dataset: SliceDataset, item: tuple[int, int, int]) -> tuple[Any, Any]:
    """Image and labels of a sample as NumPy arrays, which need no memory shared by processes."""
    sample = dataset[item]
    return sample.image.numpy(), sample.visit.labels


def positions(sampler: EpochSampler) -> list[list[tuple[int, int, int]]]:
    return list(sampler)


def test_an_epoch_visits_every_slice_once() -> None:
    batches = positions(EpochSampler(12, 4, seed=0))
    assert [len(batch) for batch in batches] == [4, 4, 4]
    assert sorted(number for batch in batches for _, _, number in batch) == list(range(12))


def test_the_last_batch_is_filled_up() -> None:
    batches = positions(EpochSampler(10, 4, seed=0))
    assert [len(batch) for batch in batches] == [4, 4, 4]
    assert {number for batch in batches for _, _, number in batch} == set(range(10))


def test_more_steps_than_slices_go_through_them_again_in_another_order() -> None:
    batches = positions(EpochSampler(4, 4, seed=0, steps=3))
    orders = [[number for _, _, number in batch] for batch in batches]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len(set(map(tuple, orders))) > 1


def test_epochs_differ_and_repeat_with_the_seed() -> None:
    one, other = EpochSampler(9, 3, seed=5), EpochSampler(9, 3, seed=5)
    first = positions(one)
    assert first == positions(other)
    one.start(1)
    assert [n for batch in positions(one) for *_, n in batch] != [n for b in first for *_, n in b]


def test_a_resumed_epoch_goes_on_with_the_next_step() -> None:
    sampler = EpochSampler(12, 4, seed=2)
    whole = positions(sampler)
    sampler.start(0, first_step=2)
    assert len(sampler) == 1
    assert positions(sampler) == whole[2:]


def test_processes_share_the_batches_of_one() -> None:
    alone = positions(EpochSampler(10, 4, seed=1))
    shares = [positions(EpochSampler(10, 4, seed=1, process=p, processes=2)) for p in (0, 1)]
    for step, batch in enumerate(alone):
        assert sorted(shares[0][step] + shares[1][step]) == sorted(batch)
        assert len(shares[0][step]) == len(shares[1][step]) == 2


def test_a_visit_is_repeatable_and_another_epoch_changes_it(labeled_series: Maker) -> None:
    dataset = SliceDataset([labeled_series("a", 0)], 32, seed=0, augment=True)
    again = SliceDataset([labeled_series("a", 0)], 32, seed=0, augment=True)
    assert torch.equal(dataset[0, 3, 2].image, again[0, 3, 2].image)
    assert not torch.equal(dataset[0, 3, 2].image, dataset[1, 3, 2].image)
    assert np.array_equal(np.bincount(dataset[0, 3, 2].visit.labels.ravel()), [476, 84, 16])


def test_without_augmentation_slices_come_as_they_are(labeled_series: Maker) -> None:
    series = [labeled_series("a", 0), labeled_series("b", 1, slices=2)]
    dataset = SliceDataset(series, 32, seed=0, augment=False)
    assert len(dataset) == 6
    sample = dataset[0, 0, 5]
    assert np.array_equal(sample.image.numpy(), series[1].slices[1].astype(np.float32))
    assert np.array_equal(sample.visit.labels, series[1].labels[1])


def test_slices_are_padded_at_the_bottom_and_right(labeled_series: Maker) -> None:
    dataset = SliceDataset([labeled_series("a", 0, side=24)], 32, seed=0, augment=False)
    batch = collate([dataset[0, 0, 0], dataset[0, 1, 1]], 32)
    assert batch.images.shape == (2, 1, 32, 32)
    assert torch.equal(batch.images[1, 0, :24, :24], dataset[0, 1, 1].image)
    assert not batch.images[:, :, 24:].any()
    assert (batch.labels[:, 24:] == IGNORED).all()
    assert (batch.labels[:, :, 24:] == IGNORED).all()
    assert batch.labels[:, :24, :24].max() == 2


def test_loader_processes_give_the_same_batches(labeled_series: Maker) -> None:
    dataset = SliceDataset([labeled_series("a", 0)], 32, seed=0, augment=True)
    sampler = EpochSampler(len(dataset), 2, seed=0)
    here, there = (create_loader(dataset, sampler, 32, workers) for workers in (0, 1))
    # One loader each for all epochs, the second of which begins with its second step.
    for epoch, first_step in ((0, 0), (1, 1)):
        sampler.start(epoch, first_step)
        pairs = list(zip(here, there, strict=True))
        assert len(pairs) == 2 - first_step
        for one, other in pairs:
            assert torch.equal(one.images, other.images)
            assert torch.equal(one.labels, other.labels)
            assert [visit.key for visit in one.visits] == [visit.key for visit in other.visits]
            assert one.visits[0].key[1] == epoch


def test_the_processes_of_a_loader_live_as_long_as_it_does(labeled_series: Maker) -> None:
    dataset = SliceDataset([labeled_series("a", 0)], 32, seed=0, augment=False)
    loader = create_loader(dataset, EpochSampler(4, 2, seed=0), 32, workers=1)

    def processes() -> set[int]:
        list(loader)
        return {child.pid for child in multiprocessing.active_children() if child.pid}

    first = processes()
    assert first
    assert processes() == first


def test_a_loader_process_is_given_paths_and_no_pixels(tmp_path: Path) -> None:
    cache = SeriesCache(tmp_path / "cache")
    path = tmp_path / "a.nii"
    labels = np.zeros((8, 64, 64), np.uint8)
    labels[2:6, 20:40, 20:40] = 1
    geometry = Geometry((64, 64, 8), (1, 1, 3), (0, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    classes = ClassTable.from_names(["background", "organ"])
    write_labelmap(path, labels, geometry, classes)
    source = SeriesSource("a", path, (path,))
    series = open_labeled(cache, source, PreprocessingOptions(), path, classes)
    dataset = SliceDataset([series], 64, seed=0, augment=True)
    # The pixels of one slice alone are more.
    assert len(pickle.dumps(dataset)) < 64 * 64
    # A new process, as on Windows and macOS, has nothing but what it is given.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        image, read = pool.submit(pixels_of, dataset, (0, 0, 3)).result()
    expected = dataset[0, 0, 3]
    assert np.array_equal(image, expected.image.numpy())
    assert np.array_equal(read, expected.visit.labels)


def test_a_batch_has_every_pixel_once_and_labels_in_one_byte(labeled_series: Maker) -> None:
    dataset = SliceDataset([labeled_series("a", 0, side=32)], 32, seed=0, augment=False)
    batch = collate([dataset[0, place, place] for place in range(4)], 32)
    assert batch.labels.dtype is torch.uint8
    pixels = 4 * 32 * 32
    # float32 images, the labels and their copies for the simulation of interactions.
    assert len(pickle.dumps(batch)) < pixels * (4 + 1 + 1) + 4096


def test_a_slice_larger_than_the_network_is_refused_with_the_size_to_take(
    labeled_series: Maker,
) -> None:
    with pytest.raises(TrainingError, match=r"40 x 40 pixels.*size of at least 64"):
        SliceDataset([labeled_series("wide", 0, side=40)], 32, seed=0, augment=False)


def test_an_empty_training_set_is_refused() -> None:
    with pytest.raises(TrainingError, match="training set is empty"):
        SliceDataset([], 32, seed=0, augment=False)
