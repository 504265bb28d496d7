"""How the error falls with the number of annotated series, and how that goes on.

Learning curves follow a power of the number of series closely: error = a x series ** -exponent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["falling_exponent"]


def falling_exponent(errors: Mapping[int, float]) -> float | None:
    """The exponent of the curve through the first and the last of ``errors``.

    errors: the error 1 - mIoU (0 to 1) by the number of series that a model was trained on. None
    with fewer than two numbers of series, and for an error that has not fallen or is 0.
    """
    if len(errors) < 2:
        return None
    (first, first_error), (last, last_error) = min(errors.items()), max(errors.items())
    if last_error >= first_error or last_error <= 0:
        return None
    return math.log(first_error / last_error) / math.log(last / first)
