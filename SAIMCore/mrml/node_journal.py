"""What is kept of the work on a segmentation where there is no project: two texts in its scene."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

import slicer

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Interaction
from SAIMCore.session.annotation_log import AnnotationLog
from SAIMCore.session.interactive import InteractiveSession

__all__ = ["NodeJournal", "remove_texts"]

# Reference roles: from a segmentation to its texts (the grid of the source volume is part of a
# session's), and from these back to it.
SESSION_ROLE, LOG_ROLE, SEGMENTATION_ROLE = "SAIMSession", "SAIMLog", "SAIMSegmentation"
# Sessions that could not be gone on with.
ASIDE_ROLE = "SAIMAside"
# Of a session's text: its ``InteractiveSession.kept_as``.
STATE_ATTRIBUTE = "SAIM.State"

# Bytes that are encoded at a time, a multiple of 3.
PIECE = 3 << 20


class NodeJournal:
    """The ``AnnotationJournal`` of what ``annotator`` does in a segmentation of ``scene``.

    Two text nodes, to which the segmentation refers, hold the session (base64, without the steps
    that can be undone, which the editor forgets, too) and the log (``AnnotationLog``). They are
    hidden, and saved with the scene. A copy of the segmentation begins with what they hold and has
    its own from the first change on. There is a session for each grid of a source volume
    (``SliceGrid.fingerprint``). What somebody else kept meanwhile is set aside by ``write``. What
    is still to be kept when the segmentation is deleted is dropped; ``remove_texts`` takes the
    texts along with it.
    """

    def __init__(
        self,
        segmentation: slicer.vtkMRMLSegmentationNode,
        scene: slicer.vtkMRMLScene,
        annotator: str,
        grid: str,
    ) -> None:
        self._session_role = SESSION_ROLE + grid
        self._known_state: str | None = None
        self._log_text: str | None = None
        self._segmentation = segmentation
        self._scene = scene
        self._annotator = annotator
        self._log: AnnotationLog | None = None
        self._sitting: int | None = None

    def saved(self) -> BinaryIO | None:
        node = self._segmentation.GetNodeReference(self._session_role)
        self._known_state = self._state
        if node is None:
            return None
        name = f"the text node {node.GetName()!r}"
        try:
            content = io.BytesIO(base64.b64decode(node.GetText(), validate=True))
        except ValueError as error:
            raise ProjectError(
                f"{name} holds no session of SAIM ({error}); use an earlier copy of the scene, or "
                "remove the node and start a new session"
            ) from error
        content.name = f"in {name}"
        return content

    def log(self, interactions: Sequence[Interaction], model_version: str | None) -> None:
        log, _ = self._begin()
        log.add(interactions, self._annotator, model_version)
        self._put(LOG_ROLE, log.text())

    def add_active(self, seconds: float) -> None:
        if seconds != 0:
            log, sitting = self._begin()
            log.add_active(sitting, seconds)
            self._put(LOG_ROLE, log.text())

    @property
    def seconds_active(self) -> float:
        return self._opened_log().seconds_active

    def write(self, session: InteractiveSession) -> Callable[[], None]:
        content = io.BytesIO()
        session.save(content, with_history=False)
        text, state = _base64(content.getbuffer()), session.kept_as

        def finish() -> None:
            if self.outdated():
                # Another editor has kept its own meanwhile, which must not be lost.
                self.set_aside()
            self._put(self._session_role, text)
            node = self._segmentation.GetNodeReference(self._session_role)
            if node is not None:
                node.SetAttribute(STATE_ATTRIBUTE, state)
            self._known_state = state

        return finish

    def outdated(self) -> bool:
        return self._state != self._known_state

    @property
    def _state(self) -> str | None:
        """Which state of a session the scene holds."""
        node = self._segmentation.GetNodeReference(self._session_role)
        return None if node is None else str(node.GetAttribute(STATE_ATTRIBUTE))

    def set_aside(self) -> None:
        node = self._segmentation.GetNodeReference(self._session_role)
        if node is not None:
            self._segmentation.AddNodeReferenceID(ASIDE_ROLE, node.GetID())
            self._segmentation.SetNodeReferenceID(self._session_role, None)
            self._known_state = None

    def _begin(self) -> tuple[AnnotationLog, int]:
        """The log, and the sitting of this journal in it."""
        log = self._opened_log()
        if self._sitting is None:
            self._sitting = log.begin(self._annotator)
        return log, self._sitting

    def _opened_log(self) -> AnnotationLog:
        node = self._segmentation.GetNodeReference(LOG_ROLE)
        text = None if node is None else node.GetText()
        if self._log is None or text != self._log_text:
            # Another effect may have written to it since.
            self._log_text, self._sitting = text, None
            if node is None:
                self._log = AnnotationLog()
            else:
                name = f"the text node {node.GetName()!r}"
                self._log = AnnotationLog.from_text(node.GetText(), name)
        return self._log

    def _put(self, role: str, text: str) -> None:
        """Let the segmentation's own text of that role be ``text``."""
        if not self._scene.IsNodePresent(self._segmentation):
            return
        node = self._segmentation.GetNodeReference(role)
        own = self._segmentation.GetID()
        if node is None or node.GetNodeReferenceID(SEGMENTATION_ROLE) != own:
            node = self._add(role)
        node.SetText(text)
        if role == LOG_ROLE:
            self._log_text = text

    def _add(self, role: str) -> slicer.vtkMRMLTextNode:
        what = "log" if role == LOG_ROLE else "session"
        name = f"SAIM {what} of {self._segmentation.GetName()}"
        node = self._scene.CreateNodeByClass("vtkMRMLTextNode")
        node.UnRegister(None)
        node.SetName(self._scene.GenerateUniqueName(name))
        node.HideFromEditorsOn()
        self._scene.AddNode(node)
        node.SetNodeReferenceID(SEGMENTATION_ROLE, self._segmentation.GetID())
        self._segmentation.SetNodeReferenceID(role, node.GetID())
        return node


def _base64(content: memoryview) -> str:
    # Encoding keeps Python to itself: 100 MB in one go would stop the views for 0.1 s.
    pieces = (content[start : start + PIECE] for start in range(0, len(content), PIECE))
    return "".join(base64.b64encode(piece).decode("ascii") for piece in pieces)


def remove_texts(scene: slicer.vtkMRMLScene, segmentation_id: str) -> None:
    """Take the texts of a segmentation that is gone out of the scene: they are its patient's."""
    for node in slicer.util.getNodesByClass("vtkMRMLTextNode", scene):
        if node.GetNodeReferenceID(SEGMENTATION_ROLE) == segmentation_id:
            scene.RemoveNode(node)
