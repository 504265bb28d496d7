from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import image as matplotlib_image

from SAIMCore.classes import ClassTable
from SAIMCore.experiments.figures import class_curves, learning_curve
from SAIMCore.experiments.result import EmulationResult


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(matplotlib_image.imread(io.BytesIO(png), format="png"))


def colors_in(png: bytes) -> set[tuple[int, int, int]]:
    pixels = np.rint(decoded(png)[:, :, :3] * 255).astype(int)
    return {tuple(color) for color in np.unique(pixels.reshape(-1, 3), axis=0).tolist()}


def test_the_learning_curve_shows_the_loop_and_the_classical_points(
    result: EmulationResult,
) -> None:
    blue, vermilion = (0, 114, 178), (213, 94, 0)
    assert {blue, vermilion} <= colors_in(learning_curve(result))
    assert vermilion not in colors_in(learning_curve(replace(result, classical=())))


def test_the_learning_curve_is_wide_enough_for_a_readme(result: EmulationResult) -> None:
    height, width = decoded(learning_curve(result)).shape[:2]
    assert width >= 900
    assert 1.5 < width / height < 3


def test_every_class_has_its_own_color(result: EmulationResult) -> None:
    colors = colors_in(class_curves(result))
    assert {entry.color for entry in result.classes if entry.value} <= colors


@pytest.mark.parametrize("count", [1, 5, 9])
def test_any_number_of_classes_is_drawn(result: EmulationResult, count: int) -> None:
    names = [f"class {number}" for number in range(count)]
    scores = dict.fromkeys(names, 0.5)
    rounds = tuple(
        replace(
            entry,
            test={
                clicks: replace(of, iou=scores, dice=scores) for clicks, of in entry.test.items()
            },
        )
        for entry in result.rounds
    )
    classes = ClassTable.from_names(["background", *names])
    assert class_curves(replace(result, classes=classes, rounds=rounds, classical=()))


def test_an_emulation_without_clicks_is_drawn(result: EmulationResult) -> None:
    silent = replace(result, options=replace(result.options, clicks=0))
    assert learning_curve(silent)
    assert class_curves(silent)
