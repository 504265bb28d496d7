"""The module with which a clinic runs its annotation campaign."""

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleWidget

ICON = Path(__file__).resolve().parent / "Resources" / "Icons" / "SAIMActiveLearning.svg"


class SAIMActiveLearning(ScriptedLoadableModule):
    """What Slicer's module list knows of the panel."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SAIM Active Learning")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations", "SegmentEditor", "SAIMSegmentEditor"]
        self.parent.contributors = ["The SAIM developers"]
        self.parent.icon = qt.QIcon(ICON.as_posix())
        self.parent.helpText = _(
            "Runs an annotation campaign: one shared model orders the series of a project, "
            "proposes their segmentation, learns from what is accepted, and is retrained in the "
            "background. Make a project of a folder of images, or open one; then Next opens the "
            "series to annotate in the Segment Editor, with the effect SAIM."
        )
        self.parent.acknowledgementText = _(
            "The method is that of I. Mikhailov, B. Chauveau, N. Bourdel and A. Bartoli."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self):
        """Offer a project of phantoms in the module Sample Data."""
        from SAIMActiveLearningLib.SamplePhantom import registerSampleData

        registerSampleData()


class SAIMActiveLearningWidget(ScriptedLoadableModuleWidget):
    """The module's panel; it has no state in the scene, only in the project and in settings."""

    panel = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        # All modules of the extension are loaded by now, the effect's among them.
        from SAIMActiveLearningLib.CampaignPanel import CampaignPanel

        self.panel = CampaignPanel()
        self.layout.addWidget(self.panel.widget)
        self.panel.begin()

    def cleanup(self):
        if self.panel is not None:
            self.panel.close()
            self.panel = None
