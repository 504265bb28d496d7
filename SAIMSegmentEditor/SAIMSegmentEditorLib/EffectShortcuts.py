"""The keys of the effect, which are Slicer's own again as soon as it is left."""

import qt
import slicer

from SAIMCore.mrml.effect_commands import COMMANDS, SEGMENT_KEYS


class EffectShortcuts:
    """Shortcuts of the main window, from now until ``remove``.

    The Segment Editor has shortcuts of its own on some of these keys (1 to 9 switch effects), and
    of two shortcuts on one key Qt obeys neither: its own rest as long as ours are there.
    """

    def __init__(self, effect):
        self._shortcuts = []
        self._displaced = []
        window = slicer.util.mainWindow()
        if window is None:
            return
        calls = {command.key: self._command(effect, command.name) for command in COMMANDS}
        calls.update((key, self._selection(effect, int(key))) for key in SEGMENT_KEYS)
        self._displaced = [
            child
            for child in window.children()
            if child.className() == "QShortcut" and child.enabled and _key(child) in calls
        ]
        for shortcut in self._displaced:
            shortcut.enabled = False
        for key, call in calls.items():
            shortcut = qt.QShortcut(qt.QKeySequence(key), window)
            shortcut.connect("activated()", call)
            self._shortcuts.append((shortcut, call))

    def remove(self):
        """Give all keys back."""
        for shortcut, call in self._shortcuts:
            shortcut.disconnect("activated()", call)
            shortcut.enabled = False
            shortcut.deleteLater()
        self._shortcuts = []
        for shortcut in self._displaced:
            # Deleted ones are falsy: the editor takes its own away when its module is left.
            if shortcut:
                shortcut.enabled = True
        self._displaced = []

    def _command(self, effect, name):
        return lambda: effect.do(name)

    def _selection(self, effect, number):
        return lambda: effect.selectSegment(number)


def _key(shortcut):
    """Its key in letters; ``key`` is a property in PythonQt, and a method elsewhere."""
    key = shortcut.key
    return (key() if callable(key) else key).toString()
