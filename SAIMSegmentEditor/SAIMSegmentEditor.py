"""Hidden module of the extension: it registers the effect SAIM in the Segment Editor."""

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule


class SAIMSegmentEditor(ScriptedLoadableModule):
    """What Slicer's module list knows of the effect."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SAIM Segment Editor Effect")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations", "SegmentEditor"]
        self.parent.contributors = ["The SAIM developers"]
        self.parent.hidden = True
        self.parent.helpText = _(
            "Adds the effect SAIM to the Segment Editor: click in a structure, and all structures "
            "of the slice are segmented; click again to correct them."
        )
        self.parent.acknowledgementText = _(
            "The method is that of I. Mikhailov, B. Chauveau, N. Bourdel and A. Bartoli."
        )
        slicer.app.connect("startupCompleted()", self.registerEffect)

    def registerEffect(self):
        """Make the effect known to every Segment Editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        # Before its file is given to the effect, which would otherwise become the package itself.
        import SAIMSegmentEditorLib

        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(SAIMSegmentEditorLib.EFFECT_FILE)
        effect.self().register()
