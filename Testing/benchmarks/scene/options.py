"""The benchmarks of the click effect in an MRML scene, by name."""

from __future__ import annotations

__all__ = ["SCENE_BENCHMARKS"]

# Name and what it measures; the module here of the name without "scene-" has ``measure``.
SCENE_BENCHMARKS: dict[str, str] = {
    "scene-click": "a click in the effect against the same click in a session alone",
    "scene-write": "one slice into the segments, on the fast path and on the slow ones",
    "scene-undo": "undo and redo of a click, and the memory of a step",
    "scene-series": "segmenting a series in the effect against the engine's batches",
}
