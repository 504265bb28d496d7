"""The effect SAIM: events of views and widgets in, calls of the ``ClickDesk`` out."""

from pathlib import Path

import qt
import slicer
import vtk
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from SAIMCore.mrml.effect_commands import COMMANDS, SEGMENT_KEYS
from SAIMCore.threads import limit_spinning
from SAIMSegmentEditorLib.EffectPanel import EffectPanel
from SAIMSegmentEditorLib.EffectShortcuts import EffectShortcuts
from SAIMSegmentEditorLib.RequiredPackages import NotInstalledError, RequiredPackages

# The timer of ``poll`` waits in Python, so that the worker gets its turn (slicer-facts.md, E).
POLL_MS = 5
# Edits are looked at after they are complete, and the session is kept when the user rests.
LOOK_MS = 20
KEEP_MS = 300

# A fast second click comes as a double click, without a press of its own.
PRESSES = (vtk.vtkCommand.LeftButtonPressEvent, vtk.vtkCommand.LeftButtonDoubleClickEvent)
RESOURCES = Path(__file__).resolve().parents[1] / "Resources"
ICON = RESOURCES / "Icons" / "SAIM.svg"
# In pixels, as the icons of Slicer's own effects.
ICON_SIZE = 21
PICTURE = RESOURCES / "Help" / "clicks.png"


class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):
    """One clone per editor widget; ``desk`` is None until the effect is used for the first time."""

    def __init__(self, scriptedEffect):
        scriptedEffect.name = "SAIM"  # not translated: modules find effects by it
        scriptedEffect.title = _("SAIM")
        scriptedEffect.perSegment = False
        scriptedEffect.requireSegments = False
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
        self.desk = None
        self.panel = None
        self._gesture = None
        self._shortcuts = None
        self._timers = []
        self._observers = []
        self._watched = None
        self._shown = None
        self._packages = RequiredPackages()

    def clone(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        cloned = effects.qSlicerSegmentEditorScriptedEffect(None)
        cloned.setPythonSource(Path(__file__).as_posix())
        return cloned

    def icon(self):
        # A bitmap, since Slicer makes the cursor of the views from the first of the sizes that the
        # icon lists, and a drawing lists none: that would be read from beyond the list.
        return qt.QIcon(qt.QIcon(ICON.as_posix()).pixmap(ICON_SIZE, ICON_SIZE))

    def helpText(self):
        rows = [
            (_("Left click"), _("the class of the selected segment is here")),
            (_("Ctrl + left click"), _("background is here")),
            (_("Left drag"), _("a stroke or a box of the same meaning")),
            (f"{SEGMENT_KEYS[0]} - {SEGMENT_KEYS[-1]}", _("select a segment")),
            (_("Z, Y"), _("undo and redo of the Segment Editor")),
            *((command.key, command.text) for command in COMMANDS),
        ]
        lines = "".join(f"<li><b>{keys}:</b> {text}" for keys, text in rows)
        return (
            "<html>"
            + _("Click in a structure, and all structures of the slice are segmented.")
            + f'<br>.<ul style="margin: 0">{lines}</ul>'
            + _("Other mouse buttons and the wheel do what they always do.")
            + f'<p><img src="{PICTURE.as_posix()}" width="320"></p>'
            + "</html>"
        )

    # -- the editor's life ------------------------------------------------------------------

    def setupOptionsFrame(self):
        self.panel = EffectPanel(self)
        self.scriptedEffect.addOptionsWidget(self.panel.widget)
        self._pollTimer = self._timer(POLL_MS, self.onPoll, single=False)
        self._lookTimer = self._timer(LOOK_MS, self.onLook)
        self._keepTimer = self._timer(KEEP_MS, self.onKeep)

    def activate(self):
        self._observe()
        # A package may be there and not load, like PyTorch with the wrong graphics libraries.
        with self._reporting():
            self.begin()

    def deactivate(self):
        self._letGo()
        if self.desk is not None:
            self.desk.deactivate()

    def cleanup(self):
        # An editor that is deleted with the effect in use does not deactivate it before.
        self._letGo()
        if self.desk is not None:
            slicer.app.disconnect("aboutToQuit()", self.cleanup)
            self.desk.close()
            self.desk = None
        if self.panel is not None:
            for timer, slot in self._timers:
                timer.stop()
                timer.disconnect("timeout()", slot)
            self._timers = []
            self.panel.disconnectAll()
            self.panel = None

    def begin(self):
        """Use the effect, or say what has to be installed first."""
        missing = self._packages.missing()
        self.panel.showMissing(missing, self._packages.downloadSize(missing))
        if missing:
            return
        self.panel.clearComplaint()
        if self.desk is None:
            # Before PyTorch is loaded, which reads it then.
            limit_spinning()
            from SAIMCore.mrml.click_desk import ClickDesk
            from SAIMCore.project.lock import login_name

            self.desk = ClickDesk(slicer.mrmlScene, self, login_name())
            # The worker would keep the application from ending.
            slicer.app.connect("aboutToQuit()", self.cleanup)
            self.panel.chooseRememberedModel()
        # As long as nothing works the keys are Slicer's.
        if self._shortcuts is None:
            self._shortcuts = EffectShortcuts(self)
        self.desk.activate()
        self.showContent()
        self.refresh()

    def showContent(self):
        """Tell the desk what the editor shows now."""
        if self.desk is None:
            return
        from SAIMCore.mrml.editor_content import EditorContent

        node = self.scriptedEffect.parameterSetNode()
        if node is None:
            self.desk.show(None)
            return
        volume, segmentation = node.GetSourceVolumeNode(), node.GetSegmentationNode()
        shown = [None if each is None else each.GetID() for each in (volume, segmentation)]
        if self._shown not in (None, shown):
            self.panel.clearComplaint()
        self._shown = shown
        self.desk.show(EditorContent(volume, segmentation, node, self))
        self._observe()

    def sourceVolumeNodeChanged(self):
        self.showContent()

    def onInstall(self):
        """Install what is missing, after the user agreed."""
        self.panel.clearComplaint()
        with slicer.util.tryWithErrorDisplay(_("The installation failed."), waitCursor=True):
            try:
                self._packages.install()
            except NotInstalledError as error:
                self.complain(str(error))
            finally:
                # Some of it may have been installed before the user declined the rest.
                self.begin()

    # -- events of the views ----------------------------------------------------------------

    def processInteractionEvents(self, callerInteractor, eventId, viewWidget):
        if self.desk is None or viewWidget.className() != "qMRMLSliceWidget":
            return False
        from SAIMCore.mrml.geometry import view_point
        from SAIMCore.mrml.pointer_gesture import PointerGesture

        if self._gesture is None:
            self._gesture = PointerGesture()
        view = self.scriptedEffect.viewNode(viewWidget)
        place = callerInteractor.GetEventPosition()
        point = view_point(view, *place)
        if eventId in PRESSES:
            # Slicer's own: Shift moves the crosshair and pans, Alt turns the slice.
            if callerInteractor.GetShiftKey() or callerInteractor.GetAltKey():
                return False
            background = bool(callerInteractor.GetControlKey())
            self._gesture.press(view.GetID(), place, point, background=background)
            return True
        if eventId == vtk.vtkCommand.MouseMoveEvent:
            dragged = self._gesture.move(view.GetID(), place, point)
            if dragged:
                self.desk.preview(self._gesture)
            return dragged
        if eventId == vtk.vtkCommand.LeftButtonReleaseEvent and self._gesture.active:
            self.panel.clearComplaint()
            with self._reporting():
                self.desk.click(self._gesture.release())
            return True
        return False

    def processViewNodeEvents(self, callerViewNode, eventId, viewWidget):
        if self.desk is not None and callerViewNode.IsA("vtkMRMLSliceNode"):
            with self._reporting():
                self.desk.view_changed(callerViewNode)

    # -- what the user asks for: buttons and keys -------------------------------------------

    def do(self, command):
        """Run a command of the desk by its name (``effect_commands``)."""
        if self.desk is not None:
            self.panel.clearComplaint()
            with self._reporting():
                getattr(self.desk, command)()
            self.refresh()

    def selectSegment(self, number):
        """Select the segment of this number, from 1."""
        if self.desk is not None:
            self.desk.select_segment(number)

    def chooseModel(self, path, device):
        """Use the model in ``path`` from now on; whether there is one."""
        if self.desk is None:
            return False
        self.panel.clearComplaint()
        with self._reporting():
            found = self.desk.choose(Path(path), device)
        self.refresh()
        return found

    # -- DeskHost ---------------------------------------------------------------------------

    def refresh(self):
        """Show what the desk says; the session is kept a while after the last time."""
        if self.panel is not None and self.desk is not None:
            self.panel.update(self.desk)
            self._keepTimer.start()

    def complain(self, sentence):
        """Show an error that the user can act on, where it does not get in the way."""
        if self.panel is not None:
            self.panel.complain(sentence)

    def wake(self):
        """Poll until the desk has nothing left to wait for."""
        if self.panel is not None and not self._pollTimer.active:
            self._pollTimer.start()

    # -- EditorHistory ----------------------------------------------------------------------

    def SaveStateForUndo(self):
        """Keep the segments as they are now, in the editor's own history."""
        self.scriptedEffect.saveStateForUndo()

    # -- timers and observers ---------------------------------------------------------------

    def onPoll(self):
        with self._reporting():
            if self.desk is None or not self.desk.poll():
                self._pollTimer.stop()
        if self.desk is not None:
            self.panel.showProgress(self.desk)

    def onLook(self):
        if self.desk is None:
            return
        if self.desk.busy:
            # The session is the worker's: once more when it is not.
            self._lookTimer.start()
            return
        with self._reporting():
            self.desk.segments_changed()

    def onKeep(self):
        if self.desk is not None:
            with self._reporting():
                self.desk.keep()

    def _timer(self, milliseconds, slot, single=True):
        timer = qt.QTimer()
        timer.setInterval(milliseconds)
        timer.setSingleShot(single)
        timer.connect("timeout()", slot)
        self._timers.append((timer, slot))
        return timer

    def _letGo(self):
        """Keys, nodes and a press that was begun: all that is held while the effect is used."""
        if self._shortcuts is not None:
            self._shortcuts.remove()
            self._shortcuts = None
        self._unobserve()
        self._gesture = None

    def _observe(self):
        """Watch the editor's node, and the segments that it shows."""
        node = self.scriptedEffect.parameterSetNode()
        segmentation = None if node is None else node.GetSegmentationNode()
        if self._watched == (node, segmentation):
            return
        self._unobserve()
        self._watched = (node, segmentation)
        if node is not None:
            self._watch(node, vtk.vtkCommand.ModifiedEvent, self._editorChanged)
        if segmentation is not None:
            for event in (
                slicer.vtkSegmentation.RepresentationModified,
                slicer.vtkSegmentation.SourceRepresentationModified,
                slicer.vtkSegmentation.SegmentModified,
            ):
                self._watch(segmentation.GetSegmentation(), event, self._segmentsChanged)

    def _watch(self, watched, event, callback):
        self._observers.append((watched, watched.AddObserver(event, callback)))

    def _unobserve(self):
        for watched, tag in self._observers:
            watched.RemoveObserver(tag)
        self._observers = []
        self._watched = None

    def _editorChanged(self, caller, event):
        with self._reporting():
            self.showContent()
        self.refresh()

    def _segmentsChanged(self, caller, event):
        # Perhaps in the middle of an edit: looked at when that is over.
        self._lookTimer.start()

    def _reporting(self):
        """Errors of the program, in a dialog with the traceback; those of the user are said."""
        return slicer.util.tryWithErrorDisplay(_("SAIM could not do this."), waitCursor=False)
