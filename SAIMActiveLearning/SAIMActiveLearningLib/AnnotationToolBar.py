"""The annotation's commands where the Segment Editor has taken the place of the panel."""

import qt
import slicer
from slicer.i18n import tr as _

MODULE = "SAIMActiveLearning"
# Pixels.
GAP = 8


class AnnotationToolBar:
    """A tool bar of the main window with ``actions``, from now until ``remove``."""

    def __init__(self, actions):
        self._bar = None
        self._label = qt.QLabel()
        self._label.setContentsMargins(GAP, 0, GAP, 0)
        self._window = slicer.util.mainWindow()
        if self._window is None:
            return
        self._bar = qt.QToolBar(_("SAIM annotation"))
        self._bar.setObjectName("SAIMAnnotationToolBar")
        for action in actions:
            self._bar.addAction(action)
        self._bar.addWidget(self._label)
        self._back = qt.QAction(_("Campaign"), self._bar)
        self._back.toolTip = _("Show the panel of the campaign")
        self._back.connect("triggered()", self.showPanel)
        self._bar.addAction(self._back)
        self._bar.visible = False
        self._window.addToolBar(self._bar)

    def show(self, text):
        """Show ``text`` beside the commands; nothing of it where that is empty."""
        if self._bar is not None:
            self._label.text = text
            self._bar.visible = bool(text)

    def showPanel(self):
        """Show the panel of the campaign instead of the Segment Editor."""
        slicer.util.selectModule(MODULE)

    def remove(self):
        """Take it out of the window."""
        if self._bar:
            self._back.disconnect("triggered()", self.showPanel)
            self._window.removeToolBar(self._bar)
            self._bar.deleteLater()
        self._bar = None
