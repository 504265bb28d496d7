"""Intensities as networks made elsewhere want them."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.normalization import IntensityNormalization

VALUES = np.linspace(-1000, 1000, 201, dtype=np.float32).reshape(3, 67)


def prepared(values: np.ndarray, method: str, **keys: object) -> np.ndarray:
    return IntensityNormalization(method, **keys).scaling(values).apply(values)  # type: ignore[arg-type]


def test_none_leaves_the_intensities_as_they_are() -> None:
    np.testing.assert_array_equal(prepared(VALUES, "none"), VALUES)


def test_a_window_becomes_its_range_and_clips_the_rest() -> None:
    found = prepared(VALUES, "window", lower=-160.0, upper=240.0)
    assert (found.min(), found.max()) == (0, 1)
    np.testing.assert_allclose(found[VALUES == 40], 0.5, atol=1e-6)
    found = prepared(VALUES, "window", lower=-160.0, upper=240.0, range=(-1.0, 1.0))
    np.testing.assert_allclose(found[VALUES == 40], 0, atol=1e-6)
    assert (found.min(), found.max()) == (-1, 1)


def test_zscore_takes_the_mean_of_the_series_or_the_stated_one() -> None:
    found = prepared(VALUES, "zscore")
    np.testing.assert_allclose([found.mean(), found.std()], [0, 1], atol=1e-5)
    # As nnU-Net does for CT.
    found = prepared(VALUES, "zscore", lower=-100.0, upper=300.0, mean=80.0, std=40.0)
    np.testing.assert_allclose(found, (VALUES.clip(-100, 300) - 80) / 40, rtol=1e-5)


def test_zscore_clips_to_percentiles_of_the_series_first() -> None:
    found = prepared(VALUES, "zscore", lower_percentile=10.0, upper_percentile=90.0)
    clipped = VALUES.clip(*np.percentile(VALUES, (10, 90)))
    np.testing.assert_allclose(found, (clipped - clipped.mean()) / clipped.std(), atol=1e-4)


def test_minmax_spans_the_series_or_its_percentiles() -> None:
    np.testing.assert_allclose(prepared(VALUES, "minmax"), (VALUES + 1000) / 2000, atol=1e-6)
    found = prepared(VALUES, "minmax", lower_percentile=5.0, upper_percentile=95.0)
    assert (found == 0).mean() == pytest.approx(0.05, abs=0.01)
    assert (found == 1).mean() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("method", ["zscore", "minmax"])
def test_a_series_of_one_intensity_becomes_0(method: str) -> None:
    assert (prepared(np.full((4, 4), 7, dtype=np.float32), method) == 0).all()


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"method": "znorm"}, r"normalization.method is 'znorm'; give one of"),
        ({"method": "window"}, r"normalization.lower and normalization.upper are missing"),
        ({"method": "window", "lower": 1}, r"normalization.upper is missing beside normal"),
        ({"method": "window", "lower": 3, "upper": 3}, r"normalization.lower is 3 and .* smaller"),
        ({"method": "zscore", "mean": 1}, r"normalization.std is missing beside normalization.mea"),
        ({"method": "zscore", "mean": 1, "std": 0}, r"normalization.std is 0; give a number above"),
        (
            {"method": "zscore", "lower_percentile": 5, "upper_percentile": 500},
            r"percentile of normalization is 500; give numbers from 0 to 100",
        ),
        (
            {"method": "zscore", "lower": 0, "upper": 1, "lower_percentile": 1,
             "upper_percentile": 9},
            r"clip to values or to percentiles",
        ),
        ({"method": "minmax", "mean": 1, "std": 2}, r"normalization.mean means nothing to the met"),
        ({"method": "none", "range": [0, 1]}, r"normalization.range means nothing to the method"),
        ({"method": "minmax", "range": [1, 0]}, r"normalization.range is \[1.0, 0.0\]; give two"),
        ({"method": "minmax", "width": 4}, r"the key normalization.width is unknown; known are"),
        ({"lower": 4}, r"normalization.method is missing; add it: one of \"none\", \"window\""),
        ({"method": "zscore", "mean": "5"}, r"normalization.mean is '5'; give a number"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused(keys: dict, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        IntensityNormalization.from_table(keys)


@pytest.mark.parametrize(
    "normalization",
    [
        IntensityNormalization("none"),
        IntensityNormalization("window", -160, 240, range=(-1.0, 1.0)),
        IntensityNormalization("zscore", -100, 300, mean=80, std=40),
        IntensityNormalization("minmax", lower_percentile=1, upper_percentile=99),
    ],
)
def test_what_was_written_is_read(normalization: IntensityNormalization) -> None:
    assert IntensityNormalization.from_table(normalization.to_table()) == normalization
