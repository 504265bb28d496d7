"""All models of a project: what each was measured with, and which one everybody uses."""

from slicer.i18n import tr as _

from SAIMActiveLearningLib.FigureTable import FigureTable

# The formats of ``model_export``, in the order of the list of the .ui file.
SUFFIXES = {"torchscript": ".pt", "onnx": ".onnx", "folder": ""}


class ModelsTab:
    """List of the models of ``section`` (ProgressSection), to be published and exported."""

    def __init__(self, section):
        self._section = section
        self._ui = section.ui
        self._models = []
        self._table = FigureTable(self._ui.modelTable)
        self.connections = [
            (self._ui.modelTable, "itemSelectionChanged()", self.refresh),
            (self._ui.publishButton, "clicked()", self.onPublish),
            (self._ui.exportButton, "clicked()", self.onExport),
        ]

    def show(self, overview):
        """Show the models of ``overview``; None: there is nothing to show."""
        before, self._models = self._chosen, []
        if overview is not None:
            from SAIMCore.campaign.model_list import listed_models, model_table

            self._models = listed_models(overview.models)
            self._table.show(model_table(self._models))
            # New models come first, and the chosen one is another row then.
            versions = [model.version for model in self._models]
            if before is not None and before.version in versions:
                self._table.select(versions.index(before.version))
        self.refresh()

    def remove(self):
        """There is nothing in the scene."""

    def refresh(self):
        """Say what can be done with the chosen model."""
        chosen = self._chosen
        campaign = self._section.campaign
        self._ui.exportButton.enabled = chosen is not None
        self._ui.publishButton.enabled = (
            chosen is not None and not chosen.record.current and not campaign.read_only_because
        )
        earlier = chosen is not None and chosen.record.published is not None
        text = _("Restore this model") if earlier else _("Publish this model")
        self._ui.publishButton.text = text
        self._ui.modelNote.text = "" if chosen is None else chosen.sentence
        self._ui.modelNote.visible = chosen is not None

    def onPublish(self):
        """Make the chosen model the shared one; a worse one only when the user insists."""
        chosen = self._chosen
        panel = self._section.panel
        if not chosen.question or panel.agrees(chosen.question):
            panel.act(self._section.campaign.publish, chosen.version)

    def onExport(self):
        """Write the chosen model, in the background."""
        version, kind = self._chosen.version, list(SUFFIXES)[self._ui.formatBox.currentIndex]
        path = self._section.askForFile(_("Export model"), version, SUFFIXES[kind])
        if path is not None:
            # Where a file is in the way, the dialog has asked.
            export = self._section.campaign.export
            self._section.panel.act(lambda: export(version, path, kind, overwrite=True))

    @property
    def _chosen(self):
        row = self._table.selectedRow
        return None if row is None or row >= len(self._models) else self._models[row]
