"""The learning curve: how good the model of each round is."""

from slicer.i18n import tr as _

from SAIMActiveLearningLib.CurvePlot import CurvePlot
from SAIMActiveLearningLib.FigureTable import FigureTable
from SAIMActiveLearningLib.Sentences import asSentence


class CurveTab:
    """Plot and table of the learning curve of ``section`` (ProgressSection)."""

    def __init__(self, section):
        self._section = section
        self._ui = section.ui
        self._points = ()
        self._figures = []
        self._places = ()
        self.plot = CurvePlot(self._ui.curvePlotLayout, "SAIM learning curve")
        self._table = FigureTable(self._ui.curveTable)
        self.connections = [
            (self._ui.curveBox, "activated(int)", self.draw),
            (self._ui.placeBox, "activated(int)", self.draw),
            (self._ui.curveCsvButton, "clicked()", self.onCsv),
            (self._ui.curvePngButton, "clicked()", self.onPng),
        ]

    def show(self, overview):
        """Show the curve of ``overview``; None: there is nothing to show."""
        if overview is None:
            self.remove()
            return
        from SAIMCore.campaign.plots import PLACES, curve_figures, left_out_of_plots
        from SAIMCore.campaign.tables import curve_table

        self._points = overview.curve
        self._table.show(curve_table(self._points))
        note = left_out_of_plots(self._points)
        self._ui.curveNote.text = asSentence(note)
        self._ui.curveNote.visible = bool(note)
        if not self._places:
            self._places = PLACES
            self._ui.placeBox.addItems([_(place) for place in PLACES])
        self._showFigures(curve_figures(self._points))
        self.draw()

    def draw(self):
        """Draw the curves that are chosen."""
        from SAIMCore.campaign.plots import curve_plot

        figure = self._figures[self._ui.curveBox.currentIndex]
        plot = curve_plot(self._points, figure, self._places[self._ui.placeBox.currentIndex])
        self.plot.show(plot.title, plot.x_label, plot.y_label, plot.x, plot.columns)

    def remove(self):
        """Take the plot out of the scene."""
        self.plot.remove()

    def onCsv(self):
        """Write the table."""
        from SAIMCore.campaign.tables import curve_table, write_csv

        table = curve_table(self._points)
        self._section.write(
            _("Learning curve as CSV"),
            "learning-curve",
            ".csv",
            lambda path: write_csv(path, table),
        )

    def onPng(self):
        """Write the curves that are shown as a picture."""
        self._section.write(
            _("Learning curve as PNG"), "learning-curve", ".png", self.plot.curves.write_png
        )

    def _showFigures(self, figures):
        if figures == self._figures:
            return
        before = self._ui.curveBox.currentText
        self._figures = figures
        self._ui.curveBox.clear()
        self._ui.curveBox.addItems([str(figure) for figure in figures])
        # What the user looked at, if it is still there.
        self._ui.curveBox.setCurrentIndex(max(0, self._ui.curveBox.findText(before)))
