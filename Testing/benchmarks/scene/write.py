"""``scene-write``: the labels of one slice into the segments of four classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.timing import Work, quartiles, repeat
from SAIMCore.classes import ClassTable
from SAIMCore.device import CPU
from SAIMCore.mrml.labelmaps import move_to_new_layer
from Testing.benchmarks.scene.subjects import FLAT, NESTED, SIZE, SLICES, labels_of, staged
from Testing.mrml.scenes import new_scene
from Testing.mrml.writer_bench import Bench

__all__ = ["CASES", "measure"]

SLICE = SLICES // 2
FAST_MS, SLOW_MS = 10.0, 60.0
# A segment of no class.
OTHER = "other"


def _leave(made: Bench) -> None:
    """Slicer's default settings, and segments as they are made."""


def _written(made: Bench) -> None:
    """Segments that hold something: the labelmap is there."""
    made.write(labels_of(made.grid.shape[1])[1], SLICE)


def _intensities(made: Bench) -> None:
    _written(made)
    values = slicer.util.arrayFromVolume(made.volume)[SLICE]
    made.editor.SetSourceVolumeIntensityMask(True)
    made.editor.SetSourceVolumeIntensityMaskRange(*np.percentile(values, [20, 70]).tolist())


def _inside(made: Bench) -> None:
    """Editable in the middle of the slice, which a segment in a layer of its own covers."""
    _written(made)
    move_to_new_layer(made.node, made.grid, [OTHER])
    _, rows, columns = made.grid.shape
    _cover(made, (slice(rows // 4, -rows // 4), slice(columns // 4, -columns // 4)))
    # In this order, or the mode falls back to everywhere.
    made.editor.SetMaskSegmentID(OTHER)
    made.editor.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)


def _overlap(made: Bench) -> None:
    """Another segment covers the slice, in the layer of the classes."""
    _written(made)
    _cover(made, (slice(None), slice(None)))


def _cover(made: Bench, box: tuple[slice, slice]) -> None:
    """Let the other segment hold ``box`` of the slice, and be overlapped."""
    segment = made.node.GetSegmentation().GetSegment(OTHER)
    image = segment.GetRepresentation("Binary labelmap")
    values = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(made.grid.shape)
    values[SLICE][box] = segment.GetLabelValue()
    image.GetPointData().GetScalars().Modified()
    made.editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)


def _lock(made: Bench) -> None:
    _written(made)
    made.segments.set_locked(made.segments.ids[1], True)


@dataclass(frozen=True)
class Case:
    """A way of writing: what the segmentation is like before.

    ``first``: every write is the first one after ``prepare``, which may make or move layers.
    """

    name: str
    prepare: Callable[[Bench], None]
    target_ms: float = SLOW_MS
    classes: ClassTable = FLAT
    others: tuple[str, ...] = ()
    first: bool = False


CASES = (
    Case("4 classes in a shared layer", _written, FAST_MS),
    Case("into empty segments", _leave, first=True),
    Case("within a range of intensities", _intensities),
    Case("inside another segment", _inside, others=(OTHER,)),
    Case("over other segments", _overlap, others=(OTHER,)),
    Case("over other segments, the first time", _overlap, others=(OTHER,), first=True),
    Case("beside a locked class", _lock),
    Case("nested classes", _written, classes=NESTED),
    Case("nested classes, the first time", _leave, classes=NESTED, first=True),
)


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """The milliseconds of each way of writing."""
    size = options.size or SIZE
    for case in CASES:
        milliseconds, layers = _milliseconds(case, size, options.repeats)
        yield Figure(
            "scene-write",
            f"one slice, {case.name}",
            float(np.median(milliseconds)),
            "ms",
            case.target_ms,
            spread=quartiles(milliseconds),
            details={
                "conditions": {
                    "size": size,
                    "slices": SLICES,
                    "classes": len(case.classes),
                    "layers": layers,
                },
                "repeats": len(milliseconds),
            },
        )


def _milliseconds(case: Case, size: int, repeats: int) -> tuple[list[float], int]:
    """Of each repeat; and in how many layers the segments are then."""
    with new_scene() as scene:
        made = staged(scene, size, case.classes, *case.others)
        case.prepare(made)
        segmentation = made.node.GetSegmentation()
        prepared = slicer.vtkSegmentation()
        prepared.DeepCopy(segmentation)
        # Two that take turns, so that each write changes something.
        upcoming = cycle(labels_of(size))

        def write() -> None:
            # Nothing that does not write may count as fast.
            assert made.write(next(upcoming), SLICE)

        def start_anew() -> None:
            if case.first:
                segmentation.DeepCopy(prepared)

        seconds = repeat(Work(write, before=start_anew), CPU, repeats)
        return [1000 * value for value in seconds], segmentation.GetNumberOfLayers()
