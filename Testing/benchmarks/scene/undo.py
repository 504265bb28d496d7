"""``scene-undo``: undo and redo of a click, and what the segments' history keeps for a step."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import slicer

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import clicks_on
from SAIMCore.benchmarks.timing import Work, quartiles, repeat
from SAIMCore.device import CPU
from SAIMCore.interactions import Click
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from Testing.benchmarks.scene.subjects import FLAT, SIZE, SLICES, labels_of, staged
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.scenes import editor_logic, new_scene

__all__ = ["measure"]

TARGET_MS = 20.0
# A step may keep as much as one byte a pixel and class of its slice.
MEMORY_TARGET = 1.0
STEPS = 50
KIBIBYTE = 1024
OWN_FILES = "*/SAIMCore/mrml/*"


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """Milliseconds of undo and redo, by themselves and by the Segment Editor; bytes of a step."""
    size, repeats = options.size or SIZE, options.repeats
    with new_scene() as scene:
        annotation, _ = _annotation(scene, size, with_history=False)
        _click(annotation, _clicks(size, 4))
        yield _figure("undo of a click", _ms(annotation.undo, annotation.redo, repeats), size)
        annotation.undo()
        yield _figure("redo of a click", _ms(annotation.redo, annotation.undo, repeats), size)
    with new_scene() as scene:
        annotation, logic = _annotation(scene, size, with_history=True)
        _click(annotation, _clicks(size, 4))

        def undo() -> None:
            logic.Undo()
            annotation.follow()

        def redo() -> None:
            logic.Redo()
            annotation.follow()

        def undone_by_editor() -> None:
            redo()
            logic.Undo()

        undo()
        both = _ms(undo, redo, repeats)
        following = _ms(annotation.follow, undone_by_editor, repeats)
        yield _figure("following the Segment Editor's undo", following, size)
        yield _figure("undo by the Segment Editor, and following it", both, size)
    yield _memory(size)


def _annotation(
    scene: slicer.vtkMRMLScene, size: int, *, with_history: bool
) -> tuple[SeriesAnnotation, slicer.vtkSlicerSegmentEditorLogic]:
    made = staged(scene, size)
    logic = editor_logic(scene, made.editor, made.node, made.volume)
    # Not the network, which undo does not ask.
    images = np.zeros(made.grid.shape, dtype=np.float16)
    session = InteractiveSession(DiskPredictor(FLAT), images, "phantom")
    history = logic if with_history else None
    return SeriesAnnotation(session, made.segments, made.grid, made.editor, history), logic


def _clicks(size: int, count: int) -> list[Click]:
    """On slice after slice."""
    clicks = clicks_on(labels_of(size)[0], 0, count)
    return [
        Click(number % SLICES, click.row, click.column, click.class_index)
        for number, click in enumerate(clicks)
    ]


def _click(annotation: SeriesAnnotation, clicks: list[Click]) -> None:
    for click in clicks:
        annotation.add(click)


def _ms(run: Callable[[], object], before: Callable[[], object], repeats: int) -> list[float]:
    return [1000 * seconds for seconds in repeat(Work(run, before), CPU, repeats)]


def _figure(name: str, milliseconds: list[float], size: int) -> Figure:
    return Figure(
        "scene-undo",
        name,
        float(np.median(milliseconds)),
        "ms",
        TARGET_MS,
        spread=quartiles(milliseconds),
        details={"conditions": _conditions(size), "repeats": len(milliseconds)},
    )


def _memory(size: int) -> Figure:
    """What a step keeps beside the session's own state: all that ``SAIMCore.mrml`` allocated."""
    with new_scene() as scene:
        annotation, _ = _annotation(scene, size, with_history=False)
        first, *others = _clicks(size, STEPS + 1)
        # The first step makes what all of them use.
        annotation.add(first)
        tracemalloc.start()
        _click(annotation, others)
        kept = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, OWN_FILES)])
        tracemalloc.stop()
    step = sum(trace.size for trace in kept.traces) / STEPS
    pixels = size * size * len(FLAT)
    return Figure(
        "scene-undo",
        "memory of a step / a slice's",
        step / pixels,
        "ratio",
        MEMORY_TARGET,
        details={
            "measured_kib": step / KIBIBYTE,
            "reference_kib": pixels / KIBIBYTE,
            "labelmap_kib": size * size * SLICES / KIBIBYTE,
            "conditions": {**_conditions(size), "steps": STEPS},
        },
    )


def _conditions(size: int) -> dict[str, int]:
    return {"size": size, "slices": SLICES, "classes": len(FLAT)}
