"""What the writer changed can be taken back exactly, overlaps of segments included."""

from __future__ import annotations

from collections.abc import Callable

import slicer

from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.slice_writer import SliceWriter
from Testing.mrml.scenes import editor_logic
from Testing.mrml.writer_bench import NESTED, SLICE, Bench


def test_overlapping_masks_are_restored_into_layers_of_their_own(
    bench: Callable[..., Bench],
) -> None:
    made = bench()
    made.write(made.labels())
    before = made.all()
    masks = made.rng.random((3, *made.grid.shape[1:])) < 0.5
    rules = EditRules(made.segments, made.editor)
    assert SliceWriter(made.segments, made.grid, rules).restore(SLICE, masks)
    made.expect(before, liver=masks[0], kidney=masks[1], spleen=masks[2])
    assert made.node.GetSegmentation().GetNumberOfLayers() == 3


def test_undo_and_redo_of_the_segment_editor_are_exact(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    made = bench(NESTED)
    made.segments.ensure()
    logic = editor_logic(scene, made.editor, made.node, made.volume)
    states = []
    for _ in range(3):
        states.append(made.all())
        logic.SaveStateForUndo()
        made.write(made.labels())
    states.append(made.all())
    for state in reversed(states[:-1]):
        logic.Undo()
        made.expect(state)
    for state in states[1:]:
        logic.Redo()
        made.expect(state)
