"""The learning rate in the course of a training."""

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.schedule import rate_factor


def test_constant_stays():
    assert {rate_factor("constant", step, 10) for step in range(10)} == {1.0}


def test_cosine_falls_from_one_to_almost_nothing():
    factors = [rate_factor("cosine", step, 100) for step in range(100)]
    assert factors[0] == 1
    assert factors == sorted(factors, reverse=True)
    assert factors[50] == pytest.approx(0.5)
    assert 0 < factors[-1] < 0.001


def test_unknown_schedule_is_refused():
    with pytest.raises(ConfigurationError, match="'linear'; choose constant or cosine"):
        TrainingConfig(schedule="linear")
