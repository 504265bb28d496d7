"""The series that is being annotated: opened, accepted, or put away for later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from SAIMCore.campaign.drafts import Drafts
from SAIMCore.campaign.host import AnnotationPlace, CampaignHost
from SAIMCore.campaign.preparation import SeriesPreparation
from SAIMCore.campaign.series_effort import effort_since_annotation
from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.rounds.proposer import who_proposes

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import AnnotationRecord, SeriesRecord

__all__ = ["Annotating"]


class Annotating:
    """Opens series of ``project`` at a ``place``, one at a time, and files what comes of them.

    ``current`` is the series that is open, ``awaited`` the one that is to be opened as soon as it
    is prepared.
    """

    def __init__(
        self,
        project: Project,
        preparation: SeriesPreparation,
        place: AnnotationPlace,
        host: CampaignHost,
        annotator: str,
    ) -> None:
        self._project = project
        self._preparation = preparation
        self._place = place
        self._host = host
        self._annotator = annotator
        self._drafts = Drafts(project)
        self.current: str | None = None
        self.awaited: str | None = None
        # Slices of it that are segmented beforehand so far, and all of them.
        self._segmented: tuple[int, int] | None = None

    @property
    def status(self) -> str:
        """What is going on, in one sentence."""
        if self.awaited is not None and self._segmented is not None:
            done, count = self._segmented
            return f"Segmenting {self.awaited}: {done} of {count} slices."
        if self.awaited is not None:
            return f"Reading {self.awaited}."
        if self.current is not None:
            return f"Annotating {self.current}."
        return "No series is open."

    def open(self, name: str) -> None:
        """Annotate the series ``name``; the one that is open is put away for later.

        One that is open already is opened anew where its user has taken it away from the place.
        Raises ProjectError when there is no such series, it is excluded, or the project is open
        read-only, and what ``put_away`` raises.
        """
        self._project.require_writable()
        if name == self.awaited or (name == self.current and self._is_there()):
            return
        self._to_annotate(name)
        self.put_away()
        self._preparation.begin(name)
        self._preparation.hurry()
        self.awaited, self._segmented = name, None

    def poll(self, timeout: float = 0.0) -> bool:
        """Open the awaited series once it is prepared; whether one was opened.

        Raises what is wrong with it; then it is not awaited any more.
        """
        if self.awaited is None:
            return False
        if not self._preparation.wait(timeout):
            self._follow_preparation()
            return False
        name, self.awaited = self.awaited, None
        prepared = self._preparation.take()
        # It may have been excluded while it was read.
        record = self._to_annotate(name)
        self._place.open(prepared, self._answering())
        self.current = name
        if prepared.problem:
            self._host.complain(prepared.problem)
        if record.status == "unannotated":
            self._project.set_status(name, "in progress")
        return True

    def renew_model(self) -> None:
        """Let what answers now answer in the open series, too.

        Where nothing does any more, it goes on with what answered before.
        """
        if self.current is not None and self._answering() is not None:
            self._place.renew_model()

    def accept(self) -> AnnotationRecord | None:
        """File what the segments hold as the annotation of the open series, and close it.

        Where something is doubtful the user is asked before; None when the answer is no. Raises
        what the place and ``Annotations.accept`` raise; then the series stays open as it is. Once
        it is filed, what cannot be tidied up is a complaint.
        """
        name = self._required()
        # Before the user is asked anything.
        self._to_annotate(name)
        self._place.settle()
        labels = self._place.labels()
        doubts = [*self._unaccepted(), *self._place.doubts(), *self._absent(labels)]
        if doubts and not self._host.agrees(_question(name, doubts)):
            return None
        minutes, clicks = effort_since_annotation(self._project, name)
        record = self._project.annotations.accept(
            name, labels, self._annotator, minutes, clicks, self._answering() or None
        )
        self.current = None
        for tidy in (self._place.close, lambda: self._drafts.discard(name)):
            try:
                tidy()
            except SaimError as error:
                self._host.complain(f"{name} is accepted, but {error}")
        return record

    def put_away(self) -> None:
        """Close the open series; all that was done in it is kept for the next time.

        Where that fails, the user is asked whether to close it all the same; raises what was wrong
        when the answer is no, and the series stays open.
        """
        self.awaited = None
        if self.current is None:
            return
        try:
            self._keep(self.current)
        except SaimError as error:
            question = f"{self.current} cannot be kept as it is: {error}. Close it all the same?"
            if not self._host.agrees(question):
                raise
        self._place.close()
        self.current = None

    def _follow_preparation(self) -> None:
        """Show how far the awaited series is: an igniter may take its time."""
        before, self._segmented = self._segmented, self._preparation.progress
        if self._segmented != before:
            self._host.refresh()

    def _required(self) -> str:
        """The series that is open. Raises ProjectError when none is."""
        if self.awaited is not None:
            raise ProjectError(f"{self.awaited} is still being read; wait until it is open")
        if self.current is None:
            raise ProjectError("no series is open; choose Next, or a series of the queue")
        return self.current

    def _to_annotate(self, name: str) -> SeriesRecord:
        """The series ``name``. Raises ProjectError when it is excluded, or there is none."""
        record = self._project.series_named(name)
        if record.status == "excluded":
            raise ProjectError(f"series {name!r} is excluded; include it before annotating it")
        return record

    def _answering(self) -> str | None:
        """Version of what answers clicks: our model, before it the igniter; None: neither.

        "" for an igniter that could not be opened so far.
        """
        model = self._project.models.current()
        if model is not None:
            return model.version
        if self._project.settings.igniter is None:
            return None
        return who_proposes(self._project).version

    def _is_there(self) -> bool:
        """Whether the place still has all of the open series."""
        try:
            self._place.labels()
        except SaimError:
            return False
        return True

    def _keep(self, name: str) -> None:
        self._place.settle()
        drawn = self._place.unkept()
        if drawn is not None:
            self._drafts.keep(name, drawn)

    def _unaccepted(self) -> list[str]:
        slices = self._place.accepted_slices()
        if slices is None or slices[0] == slices[1]:
            return []
        return [f"{slices[1] - slices[0]} of {slices[1]} slices are not accepted"]

    def _absent(self, labels: NDArray[np.uint8]) -> list[str]:
        classes = self._project.classes
        present = np.flatnonzero(np.bincount(labels.ravel(), minlength=len(classes)))
        absent = [
            classes[index].name
            for index in classes.foreground
            if not np.isin(classes.members(index), present).any()
        ]
        return [f"nothing is segmented as {', '.join(absent)}"] if absent else []


def _question(name: str, doubts: list[str]) -> str:
    return f"{name}: {'; '.join(doubts)}. Accept the series all the same?"
