"""What a campaign asks of the program around it: a window, and a place to annotate in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from SAIMCore.campaign.prepared_series import PreparedSeries

__all__ = ["AnnotationPlace", "CampaignHost"]


class CampaignHost(Protocol):
    """The window around a campaign; called in the thread that polls it."""

    def refresh(self) -> None:
        """Something to be seen has changed: status, progress, the open series, models."""

    def rows_changed(self, names: Sequence[str] | None) -> None:
        """These series look different in the queue now; None: its order did, so all of it."""

    def complain(self, sentence: str) -> None:
        """An error that the user can act on."""

    def say(self, sentence: str) -> None:
        """Something that was asked for is done."""

    def agrees(self, question: str) -> bool:
        """Ask the user a question that yes or no answers."""

    def wake(self) -> None:
        """Call ``poll`` regularly, until it says that nothing is left to wait for."""


class AnnotationPlace(Protocol):
    """Where a series is annotated (a Segment Editor); one at a time.

    Its methods raise SaimError for what the user can act on.
    """

    def open(self, series: PreparedSeries, model_version: str | None) -> None:
        """Show a series, ready for clicks; ``model_version``: what answers them.

        That is the project's model, before the first one its igniter, None: there is neither.

        Its session goes on where it was kept, and the slice of which the model is least certain is
        shown.
        """

    def settle(self) -> None:
        """Finish what is under way, and keep it: the session, and the time that it took."""

    def unkept(self) -> NDArray[np.uint8] | None:
        """``labels`` that no session keeps; None when one does, or there are none."""

    def close(self) -> None:
        """Take away what ``open`` brought, and nothing else; after ``settle`` nothing is lost."""

    def labels(self) -> NDArray[np.uint8]:
        """What the segments hold, (K, J, I) class indices in the geometry of the image."""

    def accepted_slices(self) -> tuple[int, int] | None:
        """How many slices the annotator has accepted, and how many there are; None: not known."""

    def doubts(self) -> list[str]:
        """What is odd about the segments (one that belongs to no class, say), in sentences."""

    def renew_model(self) -> None:
        """Another model or igniter answers now, or the first one: use it from the next click on."""
