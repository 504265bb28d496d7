"""What a training may be told, and what not."""

from __future__ import annotations

import math

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.training.configuration import TrainingConfig


@pytest.mark.parametrize("rate", [0.0, -1e-3, math.nan, math.inf])
def test_a_learning_rate_must_be_a_number_above_zero(rate: float) -> None:
    with pytest.raises(ConfigurationError, match="learning rate must be above 0"):
        TrainingConfig(learning_rate=rate)


@pytest.mark.parametrize("rate", [None, 1e-3])
def test_options_survive_their_file(rate: float | None) -> None:
    config = TrainingConfig(learning_rate=rate)
    assert TrainingConfig.from_json(config.to_json()) == config
