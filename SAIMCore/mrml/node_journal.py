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

__all__ = ["NodeJournal"]

# Reference roles: from a segmentation to its texts, and from these back to it.
SESSION_ROLE, LOG_ROLE, SEGMENTATION_ROLE = "SAIMSession", "SAIMLog", "SAIMSegmentation"

# Bytes that are encoded at a time, a multiple of 3.
PIECE = 3 << 20


class NodeJournal:
    """The ``AnnotationJournal`` of what ``annotator`` does in a segmentation of ``scene``.

    Two text nodes, to which the segmentation refers, hold the session (base64, without the steps
    that can be undone, which the editor forgets, too) and the log (``AnnotationLog``). They are
    hidden, and saved with the scene. A copy of the segmentation begins with what they hold and has
    its own from the first change on. They stay in the scene when the segmentation is deleted; what
    is still to be kept then is dropped.
    """

    def __init__(
        self,
        segmentation: slicer.vtkMRMLSegmentationNode,
        scene: slicer.vtkMRMLScene,
        annotator: str,
    ) -> None:
        self._segmentation = segmentation
        self._scene = scene
        self._annotator = annotator
        self._log: AnnotationLog | None = None
        self._sitting: int | None = None

    def saved(self) -> BinaryIO | None:
        node = self._segmentation.GetNodeReference(SESSION_ROLE)
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
        text = _base64(content.getbuffer())
        return lambda: self._put(SESSION_ROLE, text)

    def _begin(self) -> tuple[AnnotationLog, int]:
        """The log, and the sitting of this journal in it."""
        log = self._opened_log()
        if self._sitting is None:
            self._sitting = log.begin(self._annotator)
        return log, self._sitting

    def _opened_log(self) -> AnnotationLog:
        if self._log is None:
            node = self._segmentation.GetNodeReference(LOG_ROLE)
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

    def _add(self, role: str) -> slicer.vtkMRMLTextNode:
        what = "session" if role == SESSION_ROLE else "log"
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
