"""A click effect with a worker that waits for the test, for the tests of the effect."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.click_effect import ClickEffect
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.scenes import add_segmentation, add_volume, voxels

CLASSES = ClassTable.from_names(["background", "liver", "kidney"])
LIVER, KIDNEY = 1, 2
SIZE = (24, 20, 4)


class Later(Executor):
    """Runs what was submitted when the test says so, or ``at_once``."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.at_once = False

    def submit(self, call: Callable[[], Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        self.waiting.append((future, call))
        if self.at_once:
            self.run()
        return future

    def run(self) -> None:
        future, call = self.waiting.pop(0)
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 (as every executor does)
            future.set_exception(error)


class Host:
    def __init__(self, views: list[slicer.vtkMRMLSliceCompositeNode]) -> None:
        self.views = views
        self.complaints: list[str] = []
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def composite_views(self) -> list[slicer.vtkMRMLSliceCompositeNode]:
        return self.views


class Stage:
    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self.scene = scene
        self.volume = add_volume(scene, SIZE)
        self.node = add_segmentation(scene, self.volume)
        self.grid = SliceGrid(self.volume)
        segments = ClassSegments(self.node, CLASSES)
        segments.ensure()
        images = np.zeros(self.grid.shape, dtype=np.float16)
        self.session = InteractiveSession(DiskPredictor(CLASSES), images, "series")
        self.host = Host([scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")])
        self.later = Later()
        annotation = SeriesAnnotation(self.session, segments, self.grid)
        self.effect = ClickEffect(annotation, self.host, scene, self.later)

    def click(self, slice_index: int, row: int, column: int, class_index: int = LIVER) -> bool:
        return bool(self.effect.click([self.grid.point(slice_index, row, column)], class_index))

    def settle(self) -> None:
        """Let the worker do all that waits."""
        while self.effect.busy:
            if self.later.waiting:
                self.later.run()
            self.effect.poll()

    def fail_with(self, error: Exception) -> list[tuple[Any, ...]]:
        """Let the network raise ``error``; what it was asked."""
        asked: list[tuple[Any, ...]] = []

        def fail(*arguments: Any) -> Any:
            asked.append(arguments)
            raise error

        self.session.predictor.probabilities = fail  # type: ignore[method-assign]
        return asked

    def segment(self, name: str) -> np.ndarray:
        segment_id = self.node.GetSegmentation().GetSegmentIdBySegmentName(name)
        return voxels(self.node, segment_id, self.volume)

    def dots(self) -> int:
        nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", self.scene)
        return sum(node.GetNumberOfControlPoints() for node in nodes)


def nodes(scene: slicer.vtkMRMLScene) -> set[str]:
    return {scene.GetNthNode(number).GetID() for number in range(scene.GetNumberOfNodes())}
