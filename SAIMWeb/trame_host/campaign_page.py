"""A campaign on the page: its host, its parts, and what annotators do all the time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.host import AnnotationPlace
from SAIMCore.classes import ClassTable
from SAIMWeb.downloads import Downloads, Progress
from SAIMWeb.exports import Exports
from SAIMWeb.pulse import Pulse
from SAIMWeb.trame_host.igniter_page import IgniterPage
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.models_page import ModelsPage
from SAIMWeb.trame_host.progress_page import ProgressPage
from SAIMWeb.trame_host.queue_page import QueuePage
from SAIMWeb.trame_host.training_page import TrainingPage

__all__ = ["CampaignPage"]

POLL_SECONDS = 0.05


class CampaignPage:
    """The ``CampaignHost`` of the page; ``open`` it first, ``close`` it in the end.

    queue, training, igniter, models, progress: what shows the parts of the campaign. exports,
    downloads: files that can be fetched.
    """

    queue: QueuePage
    training: TrainingPage
    igniter: IgniterPage
    models: ModelsPage
    progress: ProgressPage
    exports: Exports
    downloads: Downloads

    def __init__(self, state: State, pulse: Pulse, messages: Messages) -> None:
        self._state = state
        self._pulse = pulse
        self._messages = messages
        self._poll = pulse.while_busy(POLL_SECONDS, self._poll_campaign)
        self._update = pulse.after(0, self._show)
        self._campaign: Campaign | None = None
        # Whether something goes on in the background.
        state.working = False

    def open(
        self, folder: Path, place: AnnotationPlace, annotator: str, device: str = "auto"
    ) -> None:
        """Run the campaign of a project. Raises what ``Campaign`` raises."""
        self._campaign = campaign = Campaign(folder, self, place, annotator, device)
        state, messages = self._state, self._messages
        settings = campaign.project.settings
        state.project_name = settings.name
        state.project_folder = str(campaign.project.folder)
        state.classes = _shown_classes(settings.classes)
        self.exports = Exports(campaign.project.folder)
        self.queue = QueuePage(state, self._pulse, campaign, messages, self)
        self.training = TrainingPage(state, campaign, messages)
        self.igniter = IgniterPage(state, campaign, messages)
        self.models = ModelsPage(state, campaign, messages, self.exports)
        self.progress = ProgressPage(state, campaign)
        queue = campaign.queue
        self.downloads = Downloads(
            Progress(
                lambda: queue.rows,
                lambda: queue.overview,
                self.progress.curve,
                self.progress.effort,
            )
        )
        self._show()

    @property
    def campaign(self) -> Campaign:
        """The campaign that is open."""
        assert self._campaign is not None
        return self._campaign

    def close(self) -> None:
        """Keep what is open, and let go of the project."""
        self._messages.closing = True
        if self._campaign is not None:
            campaign, self._campaign = self._campaign, None
            campaign.close()
            self.queue.stop()
        for timer in (self._poll, self._update):
            timer.stop()

    # -- CampaignHost ---------------------------------------------------------------------------

    def refresh(self) -> None:
        self._update.start()

    def rows_changed(self, names: Sequence[str] | None) -> None:
        if self._campaign is not None:
            self.queue.rows_changed()

    def complain(self, sentence: str) -> None:
        self._messages.complain(sentence)

    def say(self, sentence: str) -> None:
        self._messages.say(sentence)

    def agrees(self, question: str) -> bool:
        return self._messages.agrees(question)

    def wake(self) -> None:
        self._state.working = True
        self._poll.start()

    # -- what the user asks for -----------------------------------------------------------------

    def next(self) -> None:
        """Open the next series of the queue."""
        self._messages.do(self.campaign.next)

    def open_series(self, name: str) -> None:
        """Open a series of the queue."""
        self._messages.do(lambda: self.campaign.open(name))

    def accept_series(self) -> None:
        """File the annotation of the open series."""
        self._messages.do(self.campaign.accept_series)

    def save_for_later(self) -> None:
        """Close the open series."""
        self._messages.do(self.campaign.save_for_later)

    # -- parts ----------------------------------------------------------------------------------

    def _poll_campaign(self) -> bool:
        busy = self._campaign is not None and self._campaign.poll(timeout=0)
        self._state.working = busy
        if self._campaign is not None:
            self.models.show_exporting()
        return busy

    def _show(self) -> None:
        """Everything but the rows of the queue."""
        if self._campaign is None:
            return
        self._state.read_only_because = self._campaign.read_only_because
        annotating = self._campaign.annotating
        self._state.series = annotating.current or ""
        self._state.awaited = annotating.awaited or ""
        self._state.series_status = annotating.status
        for part in (self.queue, self.training, self.igniter, self.models, self.progress):
            part.show()


def _shown_classes(classes: ClassTable) -> list[dict[str, Any]]:
    return [
        {
            "name": entry.name,
            "value": entry.value,
            "color": "#{:02x}{:02x}{:02x}".format(*entry.color),
            "within": entry.within or "",
        }
        for entry in classes
    ]
