"""``scene-click``: from a click in a view to the labelmap, less the same click in a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import clicks_on, conditions, settled_network
from SAIMCore.benchmarks.timing import WARM_UP, Work, compare, quartiles
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.device import choose_device
from SAIMCore.interactions import Click
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.predictor import Predictor
from SAIMCore.session.interactive import InteractiveSession
from Testing.benchmarks.scene.driving import driven
from Testing.benchmarks.scene.subjects import (
    FLAT,
    SIZE,
    SLICES,
    flat_config,
    labels_of,
    series,
    staged,
)
from Testing.mrml.scenes import editor_logic, new_scene

__all__ = ["measure"]

SLICE = SLICES // 2
TARGET_MS = 10.0
# What a user notices: from the network's answer to the segments, with the timer's waiting.
SHOWN_TARGET_MS = 40.0
# The network's own time varies by more from click to click than the effect adds to it.
TIMES_AS_OFTEN = 3


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """What the effect adds to a click, and how soon it shows the answer."""
    device = choose_device(options.device)
    config = flat_config(options.size or SIZE, options.encoder)
    predictor = Predictor(settled_network(config.network), config, device)
    stated = conditions(config, slices=SLICES)
    for with_history in (False, True):
        found = _clicked(predictor, config, device, options.repeats, with_history)
        history = "with the editor's history" if with_history else "without history"
        for name, seconds, target, more in (
            ("in the effect, less in a session", found.differences, TARGET_MS, found.sides),
            ("the effect's own part", found.own, TARGET_MS, {}),
            ("from the network's answer to the segments", found.until_shown, SHOWN_TARGET_MS, {}),
        ):
            milliseconds = [1000 * value for value in seconds]
            yield Figure(
                "scene-click",
                f"click, {name}, {history}",
                float(np.median(milliseconds)),
                "ms",
                target,
                spread=quartiles(milliseconds),
                details={"conditions": stated, "repeats": len(milliseconds), **more},
            )


@dataclass(frozen=True)
class _Clicked:
    """Seconds of each click; ``sides``: medians of the click in the effect and in a session."""

    differences: list[float]
    own: list[float]
    until_shown: list[float]
    sides: dict[str, Any]


def _clicked(
    predictor: Predictor,
    config: ModelConfig,
    device: torch.device,
    repeats: int,
    with_history: bool,
) -> _Clicked:
    slices = series(config.size)
    alone, session = (InteractiveSession(predictor, slices, "phantom") for _ in range(2))
    with new_scene() as scene:
        made = staged(scene, config.size)
        history = editor_logic(scene, made.editor, made.node, made.volume) if with_history else None
        annotation = SeriesAnnotation(session, made.segments, made.grid, made.editor, history)
        with driven(annotation, scene) as host:
            host.effect.arrive(SLICE)
            for click in clicks_on(labels_of(config.size)[0], SLICE, config.network.memory_depth):
                host.click(click)
                alone.add(click)
            last = _other_class(session)
            host.click(last)
            alone.add(last)
            host.own.clear()
            host.until_shown.clear()

            def add() -> None:
                # In the same thread: in another one the network itself was 8 ms slower.
                host.worker.submit(lambda: alone.add(last)).result()

            # Undone each time, so that every click is the same one, on a full memory. Not by the
            # editor: it would have the state already that the next click saves.
            comparison = compare(
                Work(lambda: host.click(last), before=host.effect.undo),
                Work(add, before=alone.undo),
                device,
                TIMES_AS_OFTEN * repeats,
            )
            return _Clicked(
                comparison.differences,
                host.own[WARM_UP:],
                host.until_shown[WARM_UP:],
                comparison.to_json(),
            )


def _other_class(session: InteractiveSession) -> Click:
    """A click that is sure to change the labels, so that there is something to write."""
    row, column = (length // 2 for length in session.shape[1:])
    present = int(session.result(SLICE).labels[row, column])
    return Click(SLICE, row, column, (present + 1) % len(FLAT))
