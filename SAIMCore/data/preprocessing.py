"""Intensities as the network gets them: bias field removed (optional), clipped, z-scored.

Method page, "The predictor": 0.5 to 99.5 percentile, z-score, N4 (Tustison et al., 2010) as an
option for MR. All of it is per series, so that intensity scales of scanners do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import ConfigurationError

__all__ = ["PreprocessingOptions", "preprocess"]

# N4 looks for a smooth field, which voxels of this size (mm) show as well as small ones.
_BIAS_SPACING = 4.0
_SMALLEST_SIDE = 8
_EPSILON = float(np.finfo(np.float32).eps)
_BIAS_STEPS = (30, 20, 10)


@dataclass(frozen=True)
class PreprocessingOptions:
    """How intensities are prepared; percentiles in 0 to 100.

    Raises ConfigurationError when the percentiles are not in order.
    """

    lower_percentile: float = 0.5
    upper_percentile: float = 99.5
    bias_correction: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.lower_percentile < self.upper_percentile <= 100:
            raise ConfigurationError(
                f"cannot clip from percentile {self.lower_percentile} to {self.upper_percentile}; "
                "give two numbers from 0 to 100, the lower one first"
            )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> PreprocessingOptions:
        """Read what ``to_json`` wrote; what is missing gets its default.

        Raises ConfigurationError for an option that does not exist or has no usable value.
        """
        unknown = sorted(set(entry) - set(cls.__dataclass_fields__))
        if unknown:
            raise ConfigurationError(
                f"unknown preprocessing option {unknown[0]!r}; "
                f"known are {', '.join(cls.__dataclass_fields__)}"
            )
        try:
            return cls(**entry)
        except TypeError as error:
            raise ConfigurationError(
                f"the preprocessing options {dict(entry)!r} cannot be used ({error}); "
                "give numbers for percentiles and true or false for bias_correction"
            ) from error


def preprocess(
    array: NDArray[np.float32],
    options: PreprocessingOptions,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
) -> NDArray[np.float32]:
    """Normalize the intensities ``array`` (K, J, I) to mean 0 and standard deviation 1.

    ``spacing`` (IJK, mm) tells the bias correction how far it may shrink the volume. A constant
    volume becomes all zeros.
    """
    values = np.asarray(array, dtype=np.float32)
    if options.bias_correction and values.min() < values.max():
        values = _without_bias(values, spacing)
    low, high = np.percentile(values, (options.lower_percentile, options.upper_percentile))
    if low < high:
        # Otherwise all but a few voxels are equal, and these few are what there is to see.
        values = values.clip(np.float32(low), np.float32(high))
    mean = float(values.mean(dtype=np.float64))
    deviation = float(values.std(dtype=np.float64))
    if deviation <= _EPSILON * abs(mean):
        return np.zeros_like(values)
    normalized: NDArray[np.float32] = ((values - mean) / deviation).astype(np.float32)
    return normalized


def _without_bias(values: NDArray[np.float32], spacing: Sequence[float]) -> NDArray[np.float32]:
    import SimpleITK as sitk

    # N4 amplifies rounding: spacings that differ by 1e-9, as those of a file and of the same image
    # in Slicer's scene do, changed normalized intensities by up to 0.97.
    spacing = [float(f"{step:.4g}") for step in spacing]
    # The field is a factor, so intensities must not be negative.
    floor = min(float(values.min()), 0.0)
    image = sitk.GetImageFromArray(values - floor)
    image.SetSpacing(spacing)
    factors = [
        max(1, min(int(_BIAS_SPACING / step), size // _SMALLEST_SIDE))
        for size, step in zip(image.GetSize(), spacing, strict=True)
    ]
    small = sitk.Shrink(image, factors)
    mask = sitk.OtsuThreshold(small, 0, 1)
    if not sitk.GetArrayViewFromImage(mask).any():
        return values
    corrector = sitk.N4BiasFieldCorrectionImageFilter()
    corrector.SetMaximumNumberOfIterations(_BIAS_STEPS)
    corrector.Execute(small, mask)
    field = sitk.Exp(corrector.GetLogBiasFieldAsImage(image))
    corrected: NDArray[np.float32] = sitk.GetArrayFromImage(image / field + floor)
    return corrected
