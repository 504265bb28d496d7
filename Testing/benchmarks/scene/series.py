"""``scene-series``: segmenting a series in the effect, against the engine's own batches."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import conditions, settled_network
from SAIMCore.benchmarks.timing import Comparison, Work, compare
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.device import choose_device
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.predictor import Predictor
from SAIMCore.scoring import BATCH_SIZE
from SAIMCore.session.interactive import InteractiveSession
from Testing.benchmarks.scene.driving import driven
from Testing.benchmarks.scene.subjects import SIZE, SLICES, flat_config, series, staged
from Testing.mrml.scenes import new_scene

__all__ = ["measure"]

CPU_SIZE = 128
TARGET = 0.85


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """One ratio of slices a second."""
    device = choose_device(options.device)
    config = flat_config(
        options.size or (CPU_SIZE if device.type == "cpu" else SIZE), options.encoder
    )
    comparison = _compare(config, device, options.repeats)
    yield Figure.of_ratios(
        "scene-series",
        "throughput of segmenting a series / the engine's batches",
        comparison,
        TARGET,
        conditions(config, batch=BATCH_SIZE, slices=SLICES),
        throughput=True,
    )


def _compare(config: ModelConfig, device: torch.device, repeats: int) -> Comparison:
    predictor = Predictor(settled_network(config.network), config, device)
    slices = series(config.size)
    session = InteractiveSession(predictor, slices, "phantom", undo_limit=1)

    def batches() -> None:
        for _ in predictor.automatic(slices, BATCH_SIZE):
            pass

    with new_scene() as scene:
        made = staged(scene, config.size)
        annotation = SeriesAnnotation(session, made.segments, made.grid, made.editor)
        with driven(annotation, scene) as host:

            def segment() -> None:
                host.effect.segment_series()
                host.settle()
                assert session.can_undo

            # Undone each time, so that there is something to segment.
            return compare(Work(segment, before=host.effect.undo), Work(batches), device, repeats)
