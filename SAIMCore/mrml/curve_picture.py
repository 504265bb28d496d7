"""A chart of the scene as a picture, drawn off-screen."""

from __future__ import annotations

import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

__all__ = ["curve_picture"]

# In the units of a chart: points at 72 per inch.
TITLE, AXIS_TITLE, TICKS, LEGEND = 20, 16, 14, 14
GRID = (221, 221, 221, 255)


def curve_picture(chart: slicer.vtkMRMLPlotChartNode, size: tuple[int, int]) -> bytes:
    """The curves of ``chart`` as a PNG file of ``size`` (width, height) in pixels.

    Values that are missing (NaN) leave a gap. Needs OpenGL, as all views of Slicer do.
    """
    drawing = vtk.vtkChartXY()
    for number in range(chart.GetNumberOfPlotSeriesNodes()):
        _add(drawing, chart.GetNthPlotSeriesNode(number))
    drawing.SetTitle(chart.GetTitle())
    drawing.GetTitleProperties().SetFontSize(TITLE)
    drawing.SetShowLegend(chart.GetLegendVisibility())
    drawing.GetLegend().SetLabelSize(LEGEND)
    # Beside the curves, not on them.
    drawing.GetLegend().SetInline(False)
    _describe(drawing.GetAxis(vtk.vtkAxis.BOTTOM), chart.GetXAxisTitle(), chart.GetXAxisRange())
    _describe(drawing.GetAxis(vtk.vtkAxis.LEFT), chart.GetYAxisTitle(), chart.GetYAxisRange())
    return _rendered(drawing, size)


def _describe(axis: vtk.vtkAxis, title: str, shown: tuple[float, float]) -> None:
    axis.SetTitle(title)
    axis.GetTitleProperties().SetFontSize(AXIS_TITLE)
    axis.GetTitleProperties().SetBold(False)
    axis.GetLabelProperties().SetFontSize(TICKS)
    axis.GetGridPen().SetColor(*GRID)
    axis.SetBehavior(vtk.vtkAxis.FIXED)
    axis.SetRange(*shown)


def _add(drawing: vtk.vtkChartXY, series: slicer.vtkMRMLPlotSeriesNode) -> None:
    plot = drawing.AddPlot(vtk.vtkChart.LINE)
    table = series.GetTableNode().GetTable()
    plot.SetInputData(table, series.GetXColumnName(), series.GetYColumnName())
    plot.SetLabel(series.GetName())
    plot.SetColorF(*series.GetColor())
    # The numbers of styles in the scene are those of VTK.
    plot.SetMarkerStyle(series.GetMarkerStyle())
    plot.SetMarkerSize(series.GetMarkerSize())
    plot.GetPen().SetLineType(series.GetLineStyle())
    plot.SetWidth(series.GetLineWidth())


def _rendered(drawing: vtk.vtkChartXY, size: tuple[int, int]) -> bytes:
    view = vtk.vtkContextView()
    view.GetRenderer().SetBackground(1, 1, 1)
    view.GetScene().AddItem(drawing)
    window = view.GetRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetSize(*size)
    window.Render()
    picture = vtk.vtkWindowToImageFilter()
    picture.SetInput(window)
    picture.ReadFrontBufferOff()
    writer = vtk.vtkPNGWriter()
    writer.SetInputConnection(picture.GetOutputPort())
    writer.WriteToMemoryOn()
    writer.Write()
    return vtk_to_numpy(writer.GetResult()).tobytes()
