"""How well the plans of sessions of limited time held."""

from slicer.i18n import tr as _

from SAIMActiveLearningLib.FigureTable import FigureTable
from SAIMActiveLearningLib.Sentences import asSentences


class PlansTab:
    """Sentences on the latest sessions, and a table of all, for ``section`` (ProgressSection)."""

    def __init__(self, section):
        self._section = section
        self._ui = section.ui
        self._plans = ()
        self._table = FigureTable(self._ui.planTable)
        self.connections = [(self._ui.plansCsvButton, "clicked()", self.onCsv)]

    def show(self, overview):
        """Show the plans of ``overview``; None: there is nothing to show."""
        if overview is None:
            return
        from SAIMCore.campaign.plan_display import told_plans
        from SAIMCore.campaign.tables import plan_table

        self._plans = overview.plans
        sentences = told_plans(overview.plans)
        if overview.plans_problem:
            sentences = [overview.plans_problem]
        elif not sentences:
            sentences = [_("Plans begin with the first session of limited time")]
        self._ui.plansLabel.text = asSentences(sentences)
        self._table.show(plan_table(self._plans))

    def remove(self):
        """Nothing of it is in the scene."""

    def onCsv(self):
        """Write the table."""
        from SAIMCore.campaign.tables import plan_table, write_csv

        table = plan_table(self._plans)
        self._section.write(_("Plans as CSV"), "plans", ".csv", lambda path: write_csv(path, table))
