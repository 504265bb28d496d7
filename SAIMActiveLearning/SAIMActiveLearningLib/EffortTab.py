"""What annotating took, from the first series to the latest."""

from slicer.i18n import tr as _

from SAIMActiveLearningLib.CurvePlot import CurvePlot
from SAIMActiveLearningLib.FigureTable import FigureTable


class EffortTab:
    """Plot and table of minutes and clicks, for ``section`` (ProgressSection)."""

    def __init__(self, section):
        self._section = section
        self._ui = section.ui
        self._efforts = ()
        self._figures = ()
        self.plot = CurvePlot(self._ui.effortPlotLayout, "SAIM effort")
        self._table = FigureTable(self._ui.effortTable)
        self.connections = [
            (self._ui.effortBox, "activated(int)", self.draw),
            (self._ui.effortCsvButton, "clicked()", self.onCsv),
        ]

    def show(self, overview):
        """Show the effort of ``overview``; None: there is nothing to show."""
        if overview is None:
            self.remove()
            return
        from SAIMCore.campaign.plots import EFFORT_FIGURES
        from SAIMCore.campaign.tables import effort_table

        self._efforts = overview.efforts
        self._table.show(effort_table(self._efforts))
        if not self._figures:
            self._figures = EFFORT_FIGURES
            self._ui.effortBox.addItems([_(figure) for figure in EFFORT_FIGURES])
        self.draw()

    def draw(self):
        """Draw the curves that are chosen."""
        from SAIMCore.campaign.plots import effort_plot

        plot = effort_plot(self._efforts, self._figures[self._ui.effortBox.currentIndex])
        self.plot.show(plot.title, plot.x_label, plot.y_label, plot.x, plot.columns)

    def remove(self):
        """Take the plot out of the scene."""
        self.plot.remove()

    def onCsv(self):
        """Write the table."""
        from SAIMCore.campaign.tables import effort_table, write_csv

        table = effort_table(self._efforts)
        self._section.write(
            _("Effort as CSV"), "effort", ".csv", lambda path: write_csv(path, table)
        )
