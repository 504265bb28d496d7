"""Slicer's module Segment Editor as the editor in which a campaign annotates."""

import slicer
from SAIMSegmentEditorLib.EffectPanel import MODEL_SETTING

MODULE = "SegmentEditor"
EFFECT = "SAIM"


class SlicerEditor:
    """The ``SegmentEditor`` of ``editor_place``; the effect uses the model of ``project``."""

    def __init__(self, project):
        self._project = project
        self._effect = None
        self._shown = None

    @property
    def desk(self):
        node = _editor().mrmlSegmentEditorNode()
        if self._effect is None and node is not None and node.GetActiveEffectName() == EFFECT:
            # The user took it up.
            self._effect = _editor().activeEffect().self()
        return None if self._effect is None else self._effect.desk

    def show(self, volume, segmentation, *, click):
        slicer.util.selectModule(MODULE)
        editor = _editor()
        editor.setSegmentationNode(segmentation)
        editor.setSourceVolumeNode(volume)
        slicer.util.setSliceViewerLayers(
            background=volume, foreground=None, label=None, fit=True, rotateToVolumePlane=True
        )
        self._shown = segmentation
        if click:
            self._click()

    def offer_clicks(self):
        node = _editor().mrmlSegmentEditorNode()
        if node.GetSegmentationNode() is not self._shown:
            return
        if node.GetActiveEffectName() in (None, "", EFFECT):
            self._click()
        elif self._effect is not None:
            self._useModel()
        else:
            # No tool is taken out of the user's hand; the effect begins with this model.
            slicer.app.settings().setValue(MODEL_SETTING, self._project.as_posix())

    def leave(self):
        # The user may be at work on something else meanwhile: that stays.
        editor = _editor()
        if editor.mrmlSegmentEditorNode().GetSegmentationNode() is self._shown:
            editor.setActiveEffect(None)
            editor.setSegmentationNode(None)
            editor.setSourceVolumeNode(None)
        self._shown = None

    def _click(self):
        editor = _editor()
        editor.setActiveEffectByName(EFFECT)
        self._effect = editor.activeEffect().self()
        self._useModel()

    def _useModel(self):
        """Let the effect answer with the project's model as it is now."""
        desk = self._effect.desk
        source = None if desk is None else desk.source
        if source is not None and source.project == self._project:
            desk.renew_model()
        else:
            self._effect.panel.chooseModel(self._project.as_posix())


def _editor():
    """The editor of the module."""
    return slicer.modules.segmenteditor.widgetRepresentation().self().editor
