"""What is kept of an annotator's work on a series, so that it goes on where it ended.

``project.journal.ProjectJournal`` keeps it in a project, ``mrml.node_journal.NodeJournal`` in the
scene where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

from SAIMCore.interactions import Interaction

if TYPE_CHECKING:
    from SAIMCore.session.interactive import InteractiveSession

__all__ = ["AnnotationJournal"]


class AnnotationJournal(Protocol):
    """The session of one series, who said what in it and when, and the time that it took.

    All but ``write`` is for the thread that owns the scene. Everything raises ProjectError when
    what was kept is damaged or nothing can be kept.
    """

    def saved(self) -> BinaryIO | None:
        """The session that was kept last, None if none was.

        An open file for ``InteractiveSession.restore``; whoever asked closes it.
        """

    def log(self, interactions: Sequence[Interaction], model_version: str | None) -> None:
        """Write down that the user made ``interactions`` now, for that model to answer."""

    def add_active(self, seconds: float) -> None:
        """Add activity of the user to the time of the series."""

    @property
    def seconds_active(self) -> float:
        """The time of the series: all sittings so far, of everybody."""

    def outdated(self) -> bool:
        """Whether somebody else has kept another session since this journal was asked or told."""

    def set_aside(self) -> None:
        """Keep the saved session under another name, so that a new one can begin."""

    def write(self, session: InteractiveSession) -> Callable[[], None]:
        """Keep ``session``, for a worker thread that has it for itself.

        What it returns finishes the keeping, afterwards, in the thread that owns the scene.
        """
