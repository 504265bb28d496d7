"""Intensities as an igniter's network was trained to get them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.tables import Table
from SAIMCore.errors import ConfigurationError

__all__ = ["IntensityNormalization", "Scaling"]

# What each method may be told.
_KEYS = {
    "none": (),
    "window": ("lower", "upper", "range"),
    "zscore": ("lower", "upper", "lower_percentile", "upper_percentile", "mean", "std"),
    "minmax": ("lower_percentile", "upper_percentile", "range"),
}
_ALL_KEYS = ("method", "lower", "upper", "lower_percentile", "upper_percentile", "mean", "std")
_PAIRS = (("lower", "upper"), ("lower_percentile", "upper_percentile"))


@dataclass(frozen=True)
class Scaling:
    """Clipped to ``lower`` and ``upper``, then ``(value - center) / width + start``."""

    lower: float = -np.inf
    upper: float = np.inf
    center: float = 0.0
    width: float = 1.0
    start: float = 0.0

    def apply(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """``values`` (any shape), scaled; a new array."""
        scaled = np.clip(values, np.float32(self.lower), np.float32(self.upper))
        if (self.center, self.width, self.start) != (0.0, 1.0, 0.0):
            scaled = (scaled - np.float32(self.center)) / np.float32(self.width)
            scaled += np.float32(self.start)
        return scaled


@dataclass(frozen=True)
class IntensityNormalization:
    """How the intensities of one series are prepared.

    - "none": as they are.
    - "window": ``lower`` to ``upper`` becomes ``range``; what lies outside is clipped.
    - "zscore": minus ``mean``, divided by ``std``; those of the series itself where they are not
      stated. Clipped before, to ``lower`` and ``upper`` (values, as nnU-Net does for CT) or to
      ``lower_percentile`` and ``upper_percentile`` of the series, where these are stated.
    - "minmax": the smallest value of the series, or its lower percentile, to the largest, or the
      upper percentile, becomes ``range``.

    Raises ConfigurationError for a combination that says nothing.
    """

    method: str
    lower: float | None = None
    upper: float | None = None
    lower_percentile: float | None = None
    upper_percentile: float | None = None
    mean: float | None = None
    std: float | None = None
    range: tuple[float, ...] = (0.0, 1.0)

    def __post_init__(self) -> None:
        if self.method not in _KEYS:
            raise ConfigurationError(
                f"normalization.method is {self.method!r}; give one of {', '.join(_KEYS)}"
            )
        self._check_pairs()
        spare = [
            key
            for key in _ALL_KEYS[1:]
            if getattr(self, key) is not None and key not in _KEYS[self.method]
        ]
        if spare:
            raise ConfigurationError(
                f'normalization.{spare[0]} means nothing to the method "{self.method}"; remove it '
                "or choose another method"
            )
        if self.method == "window" and self.lower is None:
            raise ConfigurationError(
                "normalization.lower and normalization.upper are missing; add the intensities "
                "between which the window lies"
            )
        if len(self.range) != 2 or not self.range[0] < self.range[1]:
            raise ConfigurationError(
                f"normalization.range is {list(self.range)}; give two numbers, the lower one first"
            )

    def _check_pairs(self) -> None:
        for low, high in (*_PAIRS, ("mean", "std")):
            found = (getattr(self, low), getattr(self, high))
            if (found[0] is None) != (found[1] is None):
                missing, other = (low, high) if found[0] is None else (high, low)
                raise ConfigurationError(
                    f"normalization.{missing} is missing beside normalization.{other}; give both "
                    "or none"
                )
        for low, high in _PAIRS:
            found = (getattr(self, low), getattr(self, high))
            if found[0] is not None and not found[0] < found[1]:
                raise ConfigurationError(
                    f"normalization.{low} is {found[0]:g} and normalization.{high} is "
                    f"{found[1]:g}; the lower one must be the smaller"
                )
        if self.lower is not None and self.lower_percentile is not None:
            raise ConfigurationError(
                "normalization has lower and lower_percentile; clip to values or to percentiles"
            )
        for percentile in (self.lower_percentile, self.upper_percentile):
            if percentile is not None and not 0 <= percentile <= 100:
                raise ConfigurationError(
                    f"a percentile of normalization is {percentile:g}; give numbers from 0 to 100"
                )
        if self.std is not None and not self.std > 0:
            raise ConfigurationError(f"normalization.std is {self.std:g}; give a number above 0")

    @classmethod
    def from_table(cls, values: object) -> IntensityNormalization:
        """Read the section ``[normalization]``. Raises ConfigurationError for what is wrong."""
        table = Table(values, "normalization", (*_ALL_KEYS, "range"))
        method = table.choice("method", tuple(_KEYS))
        target = table.numbers("range", "from, to")
        if target is not None and "range" not in _KEYS[method]:
            raise ConfigurationError(
                f'normalization.range means nothing to the method "{method}"; remove it or choose '
                "another method"
            )
        numbers = {key: table.number(key) for key in _ALL_KEYS[1:]}
        return cls(method, **numbers, range=(0.0, 1.0) if target is None else target)

    def to_table(self) -> dict[str, Any]:
        """What ``from_table`` reads."""
        kept = {key: value for key, value in asdict(self).items() if value is not None}
        if "range" in _KEYS[self.method]:
            kept["range"] = list(self.range)
        else:
            del kept["range"]
        return kept

    def scaling(self, values: NDArray[np.float32]) -> Scaling:
        """What is done to a series whose intensities are ``values`` (K, J, I).

        A series of one single intensity becomes 0, or the lower end of ``range``.
        """
        if self.method == "none":
            return Scaling()
        low, high = self._clipping(values)
        if self.method == "zscore":
            return self._standardized(values, low, high)
        start, end = self.range
        width = (high - low) / (end - start)
        return Scaling(low, high, low, width or 1.0, start)

    def _clipping(self, values: NDArray[np.float32]) -> tuple[float, float]:
        if self.lower is not None and self.upper is not None:
            return self.lower, self.upper
        if self.lower_percentile is not None and self.upper_percentile is not None:
            low, high = np.percentile(values, (self.lower_percentile, self.upper_percentile))
            return float(low), float(high)
        if self.method == "minmax":
            return float(values.min()), float(values.max())
        return -np.inf, np.inf

    def _standardized(self, values: NDArray[np.float32], low: float, high: float) -> Scaling:
        if self.mean is not None and self.std is not None:
            return Scaling(low, high, self.mean, self.std)

        def average(of: Callable[[NDArray[np.float64]], Any]) -> float:
            # Part by part: a series in double precision is twice as large as all else.
            return float(np.mean([of(part.clip(low, high).astype(float)) for part in values]))

        mean = average(lambda part: part.mean())
        variance = average(lambda part: np.square(part - mean).mean())
        return Scaling(low, high, mean, variance**0.5 or 1.0)
