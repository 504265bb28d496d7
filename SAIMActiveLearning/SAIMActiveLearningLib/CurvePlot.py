"""A chart of curves in a panel."""

import slicer

from SAIMCore.mrml.curve_nodes import CurveNodes

HEIGHT = 220


class CurvePlot:
    """``curves`` in a plot view at the end of ``layout``, made when there is something to show.

    The view's own node has the ``name`` of the curves; none of it is saved with the scene.
    """

    def __init__(self, layout, name):
        self.curves = CurveNodes(slicer.mrmlScene, name)
        self._layout = layout
        self._name = name
        self._view = None
        self._node = None

    @property
    def present(self):
        """Whether something is shown; a scene that was closed has taken it along."""
        return self._node is not None and slicer.mrmlScene.IsNodePresent(self._node)

    def show(self, title, xLabel, yLabel, x, columns):
        """Show these curves (``CurveNodes.show``) instead of those before."""
        self.curves.show(title, xLabel, yLabel, x, columns)
        if self._view is None:
            self._view = slicer.qMRMLPlotView()
            self._view.setMRMLScene(slicer.mrmlScene)
            self._view.setMinimumHeight(HEIGHT)
            self._layout.addWidget(self._view)
        if not self.present:
            self._node = slicer.vtkMRMLPlotViewNode()
            self._node.SetName(self._name)
            self._node.SetSaveWithScene(False)
            # A view that nobody owns the application's layout takes for one of its own.
            self._node.SetAndObserveParentLayoutNodeID(self.curves.chart.GetID())
            slicer.mrmlScene.AddNode(self._node)
            self._view.setMRMLPlotViewNode(self._node)
        self._node.SetPlotChartNodeID(self.curves.chart.GetID())

    def remove(self):
        """Take view and nodes away; ``show`` makes them again."""
        self.curves.remove()
        if self._view:
            self._view.setMRMLPlotViewNode(None)
            self._view.deleteLater()
        if self.present:
            slicer.mrmlScene.RemoveNode(self._node)
        self._view = self._node = None
