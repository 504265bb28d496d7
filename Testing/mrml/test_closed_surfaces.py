"""Surfaces follow the voxels when they are told to."""

from __future__ import annotations

import numpy as np
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.closed_surfaces import rebuild_closed_surfaces
from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.labelmaps import layers_of
from SAIMCore.mrml.layer_slice import layer_slice
from SAIMCore.mrml.slice_writer import SliceWriter
from Testing.mrml.scenes import add_segmentation, add_volume


def bounds(node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> list[float]:
    found = [0.0] * 6
    surface = node.GetSegmentation().GetSegment(segment_id).GetRepresentation("Closed surface")
    surface.GetBounds(found)
    return found


def test_a_stale_surface_fits_the_voxels_again(scene: slicer.vtkMRMLScene) -> None:
    volume = add_volume(scene, (30, 30, 6))
    node = add_segmentation(scene, volume)
    segments = ClassSegments(node, ClassTable.from_names(["background", "liver"]))
    grid = SliceGrid(volume)
    labels = np.zeros((30, 30), dtype=np.uint8)
    labels[5:10, 5:10] = 1
    SliceWriter(segments, grid, EditRules(segments, None)).write(2, labels)
    assert not rebuild_closed_surfaces(node)
    assert node.CreateClosedSurfaceRepresentation()
    small = bounds(node, segments.ids[1])
    # Written without an event, as the desktop application leaves the surface after any write
    # (slicer-core takes it away instead).
    (layer,) = layers_of(node, segments.ids.values())
    found = layer_slice(node, grid, 2, layer)
    assert found is not None
    found.voxels[5:25, 5:25] = 1
    assert bounds(node, segments.ids[1]) == small
    assert rebuild_closed_surfaces(node)
    large = bounds(node, segments.ids[1])
    assert large[1] - large[0] > 2 * (small[1] - small[0])
