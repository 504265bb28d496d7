"""Slicer's own widgets and views: the module Segment Editor, the layout of views, plots."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from Testing.desktop.stand_in.scripted_effect import qSlicerSegmentEditorEffectFactory
from Testing.desktop.stand_in.segment_editor import SegmentEditor
from Testing.desktop.stand_in.slice_widget import qMRMLSliceWidget

__all__ = ["LayoutManager", "SegmentEditorModule", "qMRMLPlotView"]

VIEW = "Red"
MARGIN = 30


class qMRMLSegmentEditorWidget:
    """The editor of the module, by the names that scripts call."""

    def __init__(self, editor: SegmentEditor) -> None:
        self._editor = editor

    def mrmlSegmentEditorNode(self) -> slicer.vtkMRMLSegmentEditorNode:
        return self._editor.node

    def setSegmentationNode(self, node: slicer.vtkMRMLSegmentationNode | None) -> None:
        self._editor.set_segmentation(node)

    def setSourceVolumeNode(self, node: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        self._editor.set_source_volume(node)

    def setActiveEffectByName(self, name: str) -> None:
        self._editor.activate(name)

    def setActiveEffect(self, effect: None) -> None:
        self._editor.activate(None)

    def activeEffect(self) -> Any:
        return self._editor.active_effect()


class SegmentEditorModule:
    """``slicer.modules.segmenteditor``, whose editor is made when somebody wants to see it."""

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        factory: qSlicerSegmentEditorEffectFactory,
        window: QMainWindow,
    ) -> None:
        self._given = (scene, factory, window)
        self.made: SegmentEditor | None = None

    @property
    def editor(self) -> qMRMLSegmentEditorWidget:
        if self.made is None:
            self.made = SegmentEditor(*self._given)
        return qMRMLSegmentEditorWidget(self.made)

    def widgetRepresentation(self) -> SegmentEditorModule:
        return self

    def self(self) -> SegmentEditorModule:
        return self

    def close(self) -> None:
        if self.made is not None:
            self.made.close()


class LayoutManager(QObject):
    """The views of the application: a single slice view, with the logic that Slicer has for it.

    What is seen in it the editor of ``segment_editor`` is told.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, segment_editor: SegmentEditorModule) -> None:
        super().__init__()
        self._segment_editor = segment_editor
        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(scene.application)
        self._logic.SetMRMLScene(scene)
        self._logic.AddSliceNode(VIEW)
        self._widget = qMRMLSliceWidget(self._logic.GetSliceNode())
        self._logic.GetSliceNode().AddObserver(vtk.vtkCommand.ModifiedEvent, self._changed)
        # As in Slicer, each gets a hidden view of its own, which others find as ``plotWidget(0)``.
        self.plot_nodes: list[slicer.vtkMRMLPlotViewNode] = []
        scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, self._added)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _added(self, scene: slicer.vtkMRMLScene, event: str, node: slicer.vtkMRMLNode) -> None:
        """``qMRMLLayoutViewFactory::onNodeAdded``."""
        if node.IsA("vtkMRMLPlotViewNode") and node.GetParentLayoutNode() is None:
            self.plot_nodes.append(node)

    def _changed(self, *_: object) -> None:
        if self._segment_editor.made is not None:
            self._segment_editor.made.send_view_change(self._widget)

    def sliceViewNames(self) -> tuple[str, ...]:
        return (VIEW,)

    def sliceWidget(self, name: str) -> qMRMLSliceWidget:
        assert name == VIEW
        return self._widget

    def mrmlSliceLogics(self) -> vtk.vtkCollection:
        found = vtk.vtkCollection()
        found.AddItem(self._logic)
        return found


class qMRMLPlotView(QWidget):
    """Draws the curves of the chart that its node shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: slicer.vtkMRMLScene | None = None
        self._node: slicer.vtkMRMLPlotViewNode | None = None

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene

    def setMRMLPlotViewNode(self, node: slicer.vtkMRMLPlotViewNode | None) -> None:
        self._node = node
        self.update()

    def mrmlPlotViewNode(self) -> slicer.vtkMRMLPlotViewNode | None:
        return self._node

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        chart = None if self._node is None else self._node.GetPlotChartNode()
        if chart is None:
            return
        area = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        painter.drawRect(area)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignHCenter, chart.GetTitle() or "")
        (left, right), (low, high) = chart.GetXAxisRange(), chart.GetYAxisRange()
        for number in range(chart.GetNumberOfPlotSeriesNodes()):
            series = chart.GetNthPlotSeriesNode(number)
            color = QColor.fromRgbF(*series.GetColor())
            painter.setPen(QPen(color, 2))
            painter.drawText(area.left() + 4, area.top() + 16 * (number + 1), series.GetName())
            table = series.GetTableNode().GetTable()
            points = [
                QPointF(
                    area.left() + (x - left) / (right - left) * area.width(),
                    area.bottom() - (y - low) / (high - low) * area.height(),
                )
                for x, y in zip(
                    vtk.util.numpy_support.vtk_to_numpy(
                        table.GetColumnByName(series.GetXColumnName())
                    ),
                    vtk.util.numpy_support.vtk_to_numpy(
                        table.GetColumnByName(series.GetYColumnName())
                    ),
                    strict=True,
                )
                if x == x and y == y
            ]
            painter.drawPolyline(points)
