"""The falling error over the number of series."""

from __future__ import annotations

import pytest

from SAIMCore.rounds.error_curve import falling_exponent


def test_the_exponent_is_that_of_the_power_through_first_and_last() -> None:
    errors = {4: 0.8, 9: 0.1, 16: 0.4}
    assert falling_exponent(errors) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "errors", [{}, {4: 0.5}, {4: 0.5, 8: 0.5}, {4: 0.5, 8: 0.6}, {4: 0.5, 8: 0.0}]
)
def test_there_is_none_where_the_error_does_not_fall_or_is_gone(errors: dict[int, float]) -> None:
    assert falling_exponent(errors) is None
