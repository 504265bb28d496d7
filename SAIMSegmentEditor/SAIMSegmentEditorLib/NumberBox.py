"""A number of the program in a box into which the user may be typing another one."""

import slicer

from SAIMSegmentEditorLib.Connections import Connections


class NumberBox:
    """Shows numbers in ``box`` (QSpinBox or QDoubleSpinBox) without its signals.

    Its ``keyboardTracking`` is off, so a typed number counts when it is finished: when Return was
    pressed, or something else has the keyboard. Until then nothing is written, for Qt would put the
    number before in its place; afterwards the box shows what ``show`` was last given.
    """

    def __init__(self, box):
        self._box = box
        self._number = box.value
        # The box does not tell whether somebody is typing; what it is made of does.
        (self._edit,) = slicer.util.findChildren(box, className="QLineEdit")
        self._connections = Connections([(box, "editingFinished()", self.onFinished)])

    def disconnectAll(self):
        """Let go of the slot."""
        self._connections.disconnectAll()

    def show(self, number):
        """Show ``number``, as soon as nobody types."""
        self._number = number
        if not (self._box.focus and self._edit.modified):
            self._write()

    def onFinished(self):
        """What was typed has been taken, or refused, by now."""
        self._edit.modified = False
        self._write()

    def _write(self):
        if self._box.value != self._number:
            self._box.blockSignals(True)
            self._box.value = self._number
            self._box.blockSignals(False)
