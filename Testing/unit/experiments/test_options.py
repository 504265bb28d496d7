from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.errors import ConfigurationError
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.rounds.options import RoundOptions


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rounds": 0}, "rounds must be at least 1, found 0"),
        ({"query_size": 0}, "query_size must be at least 1, found 0"),
        ({"clicks": -1}, "clicks must be at least 0, found -1"),
        ({"seconds_per_click": -0.5}, r"seconds_per_click must be .* at least 0, found -0.5"),
        ({"classical_minutes": float("nan")}, "classical_minutes must be .*, found nan"),
    ],
)
def test_impossible_options_are_refused(change: dict[str, float], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        EmulationOptions(**{"rounds": 1, "query_size": 1, "folder": Path(), **change})


def test_every_model_is_published_and_trained_with_the_seed() -> None:
    options = EmulationOptions(1, 1, Path(), seed=7, training=RoundOptions(epochs=3))
    assert options.round_options == RoundOptions(epochs=3, seed=7, publish="always")


def test_annotation_time_counts_clicks_and_slices() -> None:
    options = EmulationOptions(1, 1, Path(), seconds_per_click=2, seconds_per_slice=3)
    assert options.minutes(clicks=15, slices=10) == 1.0


def test_rounds_device_and_time_do_not_make_another_emulation() -> None:
    first = EmulationOptions(1, 1, Path("a"), training=RoundOptions(device="cpu"))
    other = EmulationOptions(
        9, 1, Path("b"), seconds_per_click=1, classical_minutes=3, training=RoundOptions()
    )
    assert first.identity() == other.identity()
    assert first.identity() != EmulationOptions(1, 1, Path("a"), clicks=1).identity()
