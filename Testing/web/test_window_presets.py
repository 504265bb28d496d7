"""Presets of a CT are offered where the intensities look like one."""

from __future__ import annotations

import pytest

from SAIMWeb.window_presets import CT_PRESETS, presets_for


@pytest.mark.parametrize(
    ("low", "high"), [(-1024, 3071), (-1000, 900), (-3024, 2976), (-2048, 1500)]
)
def test_a_ct_has_presets(low: float, high: float) -> None:
    assert presets_for(low, high) == CT_PRESETS


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (0, 4095),  # MR, or a CT without its offset
        (-4096, 4095),  # phases
        (-3.2, 5.1),  # standardized
        (-200, 300),  # a body without air: it may be anything
        (-1024, 100),
        (-32768, 32767),
    ],
)
def test_other_images_have_none(low: float, high: float) -> None:
    assert presets_for(low, high) == ()


def test_presets_are_those_of_the_textbooks() -> None:
    found = {
        preset.name: (preset.high - preset.low, (preset.high + preset.low) / 2)
        for preset in CT_PRESETS
    }
    assert found == {
        "Soft tissue": (400, 40),
        "Lung": (1500, -600),
        "Bone": (1800, 400),
        "Brain": (80, 40),
    }
