"""Preparing intensities."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.errors import ConfigurationError

PLAIN = PreprocessingOptions()


@pytest.fixture
def noise() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(400, 90, (10, 20, 30)).astype(np.float32)


def test_intensities_get_mean_0_and_standard_deviation_1(noise: NDArray) -> None:
    prepared = preprocess(noise, PLAIN)
    assert prepared.dtype == np.float32
    assert prepared.shape == noise.shape
    assert prepared.mean() == pytest.approx(0, abs=1e-5)
    assert prepared.std() == pytest.approx(1, abs=1e-5)


def test_the_scale_of_the_scanner_does_not_matter(noise: NDArray) -> None:
    scaled = preprocess(noise * 1e5 + 3e6, PLAIN)
    assert np.allclose(scaled, preprocess(noise, PLAIN), atol=1e-3)


def test_extremes_are_clipped_to_the_percentiles(noise: NDArray) -> None:
    low, high = np.percentile(noise, (0.5, 99.5))
    expected = noise.clip(low, high).astype(np.float64)
    expected = (expected - expected.mean()) / expected.std()
    assert np.allclose(preprocess(noise, PLAIN), expected, atol=1e-4)
    spiked = noise.copy()
    spiked[0, 0, 0] = 1e9
    assert preprocess(spiked, PLAIN).max() < 4


def test_the_input_stays_as_it_was(noise: NDArray) -> None:
    noise.flags.writeable = False
    preprocess(noise, PreprocessingOptions(bias_correction=True))


@pytest.mark.parametrize("value", [0.0, 7.0, -1024.0, 1e30])
@pytest.mark.parametrize("bias_correction", [False, True])
def test_a_constant_volume_becomes_zeros(value: float, bias_correction: bool) -> None:
    constant = np.full((6, 6, 6), value, dtype=np.float32)
    options = PreprocessingOptions(bias_correction=bias_correction)
    assert np.array_equal(preprocess(constant, options), np.zeros_like(constant))


def test_few_voxels_on_an_even_background_are_not_clipped_away() -> None:
    sparse = np.zeros((20, 20, 20), dtype=np.float32)
    sparse[10, 10, 10] = 5
    prepared = preprocess(sparse, PLAIN)
    assert np.isfinite(prepared).all()
    assert prepared[10, 10, 10] > prepared[0, 0, 0]


def test_the_bias_correction_evens_out_a_tissue() -> None:
    _, y, x = np.mgrid[:12, :48, :48]
    radius = np.hypot(x - 24, y - 24)
    tissue = np.select([radius < 7, radius < 19], [300.0, 200.0], 5.0)
    tissue = tissue + np.random.default_rng(0).normal(0, 3, tissue.shape)
    shaded = (tissue * np.exp(0.6 * np.sin(x / 30) + 0.4 * y / 48)).astype(np.float32)
    ring = (radius > 8) & (radius < 18)

    def unevenness(options: PreprocessingOptions) -> float:
        prepared = preprocess(shaded, options, (1.0, 1.0, 3.0))
        contrast = prepared[radius < 6].mean() - prepared[radius > 20].mean()
        return float(prepared[ring].std() / contrast)

    assert unevenness(PreprocessingOptions(bias_correction=True)) < 0.4 * unevenness(PLAIN)


@pytest.mark.parametrize("pair", [(5.0, 5.0), (-1.0, 99.0), (0.0, 101.0), (90.0, 10.0)])
def test_percentiles_out_of_order_are_refused(pair: tuple[float, float]) -> None:
    with pytest.raises(ConfigurationError, match=f"from percentile {pair[0]} to {pair[1]}"):
        PreprocessingOptions(*pair)


def test_options_survive_json_and_unknown_ones_are_named() -> None:
    options = PreprocessingOptions(1.0, 98.0, True)
    assert PreprocessingOptions.from_json(json.loads(json.dumps(options.to_json()))) == options
    assert PreprocessingOptions.from_json({}) == PLAIN
    with pytest.raises(ConfigurationError, match="unknown preprocessing option 'gamma'"):
        PreprocessingOptions.from_json({"gamma": 2})
    with pytest.raises(ConfigurationError, match="cannot be used"):
        PreprocessingOptions.from_json({"lower_percentile": "low"})


@pytest.mark.parametrize("size", [0.0004, 0.8, 3.0])
def test_the_bias_correction_does_not_amplify_the_rounding_of_spacings(size: float) -> None:
    volume = np.random.default_rng(3).normal(100, 20, size=(6, 24, 20)).astype(np.float32)
    volume[:, 6:18, 5:15] += 200
    options = PreprocessingOptions(bias_correction=True)
    single = float(np.float32(size))
    found = preprocess(volume, options, (size, size, 4 * size))
    np.testing.assert_array_equal(preprocess(volume, options, (single, single, 4 * single)), found)
