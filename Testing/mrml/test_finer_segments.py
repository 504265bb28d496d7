"""Segments with finer voxels than the source volume keep their detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import slicer
from numpy.typing import NDArray

from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.slice_reader import read_slice
from SAIMCore.mrml.slice_writer import SliceWriter
from Testing.mrml.scenes import DIRECTIONS, OBLIQUE, add_volume, paint, voxels
from Testing.mrml.writer_bench import FLAT, NESTED, SLICE, Bench, Mask, flat_masks

TIMES = np.array([2, 2, 3])
TURN = np.radians(20)
TURNED = np.array([[np.cos(TURN), -np.sin(TURN), 0], [np.sin(TURN), np.cos(TURN), 0], [0, 0, 1]])


@dataclass
class Fine:
    """A bench whose segmentation was made on ``volume``, with finer voxels than the series."""

    made: Bench
    volume: slicer.vtkMRMLScalarVolumeNode

    @property
    def shape(self) -> tuple[int, ...]:
        return slicer.util.arrayFromVolume(self.volume).shape

    def paint(self, name: str, mask: Mask) -> None:
        paint(self.made.node, name, mask, self.volume)

    def voxels(self, name: str) -> Mask:
        return voxels(self.made.node, name, self.volume)

    def blocks(self, mask: NDArray[np.bool_]) -> Mask:
        """A stack (K, J, I) of the series as voxels of the segmentation."""
        for axis, count in enumerate(TIMES[::-1]):
            mask = np.repeat(mask, count, axis=axis)
        return mask


@pytest.fixture
def fine(scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]) -> Callable[..., Fine]:
    """Makes a bench with a segmentation of half the voxels in plane, a third across."""

    def make(classes: object = FLAT, *names: str, direction: str = "oblique") -> Fine:
        series = add_volume(scene, (16, 14, 6), (0.8, 0.9, 3.0), DIRECTIONS[direction])
        made = bench(classes, *names, volume=series)
        spacing = np.array(series.GetSpacing())
        axes = made.grid.ijk_to_ras[:3, :3] / spacing
        # So that whole blocks of its voxels lie in those of the series.
        corner = made.grid.ijk_to_ras @ [*(-0.5 + 0.5 / TIMES), 1]
        size = tuple(int(n) for n in TIMES * made.grid.geometry.size)
        volume = add_volume(scene, size, tuple(spacing / TIMES), axes, tuple(corner[:3]))
        made.node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        return Fine(made, volume)

    return make


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_slice_is_written_into_all_voxels_in_it(
    fine: Callable[..., Fine], direction: str
) -> None:
    found = fine(FLAT, "liver", "kidney", "spleen", direction=direction)
    found.paint("liver", np.ones(found.shape, dtype=bool))
    before, labels = found.made.all(), found.made.labels()
    assert found.made.write(labels)
    masks = flat_masks(labels)
    found.made.expect(before, **masks)
    stack = before["liver"].copy()
    stack[SLICE] = masks["liver"]
    np.testing.assert_array_equal(found.voxels("liver"), found.blocks(stack))


def test_detail_stays_where_the_slice_does_not_change(fine: Callable[..., Fine]) -> None:
    found = fine(FLAT, "liver", "kidney")
    rng = np.random.default_rng(3)
    drawn = rng.random(found.shape) < 0.5
    found.paint("liver", drawn)
    shown = found.made.all()["liver"][SLICE]
    labels = shown.astype(np.uint8)
    assert not found.made.write(labels)
    labels[4:7, 5:9] = 2
    assert found.made.write(labels)
    changed = np.zeros(found.made.grid.shape, dtype=bool)
    changed[SLICE, 4:7, 5:9] = shown[4:7, 5:9]
    np.testing.assert_array_equal(found.voxels("liver"), drawn & ~found.blocks(changed))
    # Made on the grid of the series.
    assert found.made.all()["kidney"][SLICE, 4:7, 5:9].all()


def test_what_was_written_can_be_taken_back(fine: Callable[..., Fine]) -> None:
    found = fine(FLAT, "liver", "kidney", "spleen")
    box = np.zeros(found.shape, dtype=bool)
    box[3:15, 4:20, 6:26] = True
    found.paint("liver", box)
    made = found.made
    writer = SliceWriter(made.segments, made.grid, EditRules(made.segments, made.editor))
    before = read_slice(made.segments, made.grid, SLICE)
    writer.write(SLICE, made.labels())
    assert writer.restore(SLICE, before)
    np.testing.assert_array_equal(read_slice(made.segments, made.grid, SLICE), before)
    np.testing.assert_array_equal(found.voxels("liver"), box)


def test_classes_within_others_get_layers_as_fine(fine: Callable[..., Fine]) -> None:
    found = fine(NESTED, "liver", "tumor")
    rng = np.random.default_rng(5)
    drawn = rng.random(found.shape)
    found.paint("liver", drawn < 0.5)
    found.paint("tumor", drawn > 0.9)
    before, labels = found.made.all(), found.made.labels()
    found.made.write(labels)
    found.made.expect(before, **flat_masks(labels, NESTED))
    others = np.ones(found.made.grid.shape, dtype=bool)
    others[SLICE] = False
    kept = found.blocks(others)
    np.testing.assert_array_equal(found.voxels("liver")[kept], (drawn < 0.5)[kept])
    np.testing.assert_array_equal(found.voxels("tumor")[kept], (drawn > 0.9)[kept])


def test_segments_of_others_in_the_same_labelmap_keep_every_voxel(
    fine: Callable[..., Fine],
) -> None:
    found = fine(FLAT, "liver", "vessel")
    rng = np.random.default_rng(6)
    drawn = rng.random(found.shape)
    found.paint("liver", drawn < 0.4)
    found.paint("vessel", drawn > 0.8)
    found.made.write(np.ones(found.made.grid.shape[1:], dtype=np.uint8))
    np.testing.assert_array_equal(found.voxels("vessel"), drawn > 0.8)


def test_voxels_that_lie_askew_are_taken_where_their_centers_are(
    scene: slicer.vtkMRMLScene, bench: Callable[..., Bench]
) -> None:
    series = add_volume(scene, (16, 14, 6), (0.8, 0.9, 3.0), OBLIQUE)
    made = bench(FLAT, "liver", volume=series)
    axes = made.grid.ijk_to_ras[:3, :3] / series.GetSpacing() @ TURNED
    corner = made.grid.ijk_to_ras @ [-4, -6, 0, 1]
    askew = add_volume(scene, (60, 60, 14), (0.4, 0.4, 1.3), axes, tuple(corner[:3]))
    made.node.SetReferenceImageGeometryParameterFromVolumeNode(askew)
    paint(made.node, "liver", np.ones((14, 60, 60), dtype=bool), askew)
    before, labels = made.all(), made.labels()
    made.write(labels)
    made.expect(before, **flat_masks(labels))
