"""A campaign on the page: its state in, what the user asks for out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.host import AnnotationPlace
from SAIMCore.campaign.model_list import listed_models
from SAIMCore.campaign.plots import PLACES, MeasuredIou, curve_plot
from SAIMCore.campaign.training_display import share_trained
from SAIMWeb.curve_drawing import draw
from SAIMWeb.pulse import Pulse
from SAIMWeb.queue_rows import page_count, rows_of_page, shown_row
from SAIMWeb.trame_host.messages import Messages

__all__ = ["THUMBNAILS", "CampaignPage"]

# Where the pictures of the queue are fetched from.
THUMBNAILS = "/thumbnails"
POLL_SECONDS = 0.05
STATUSES = ("unannotated", "in progress", "annotated", "validation", "test", "excluded")


class CampaignPage:
    """The ``CampaignHost`` of the page; ``open`` it first, ``close`` it in the end."""

    def __init__(self, state: State, pulse: Pulse, messages: Messages) -> None:
        self._state = state
        self._messages = messages
        self._poll = pulse.while_busy(POLL_SECONDS, self._poll_campaign)
        self._update = pulse.after(0, self._show)
        self._rows = pulse.after(0, self._show_rows)
        self._campaign: Campaign | None = None
        state.update(
            {
                "queue_text": "",
                "queue_status": None,
                "queue_statuses": list(STATUSES),
                "queue_page": 1,
                "queue_pages": 1,
                "queue_count": 0,
                "rows": [],
                # Whether something goes on in the background.
                "working": False,
            }
        )
        state.change("queue_text", "queue_status")(self._filter)
        state.change("queue_page")(lambda **_: self._rows.start())
        state.change("strategy")(self._choose_strategy)

    def open(
        self, folder: Path, place: AnnotationPlace, annotator: str, device: str = "auto"
    ) -> None:
        """Run the campaign of a project. Raises what ``Campaign`` raises."""
        self._campaign = Campaign(folder, self, place, annotator, device)
        self._state.project_name = self._campaign.project.settings.name
        self._state.strategies = [
            {"title": strategy.name, "value": strategy.name, "subtitle": strategy.description}
            for strategy in self._campaign.queue.strategies
        ]
        self._show()
        self._show_rows()

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
        for timer in (self._poll, self._update, self._rows):
            timer.stop()

    # -- CampaignHost ---------------------------------------------------------------------------

    def refresh(self) -> None:
        self._update.start()

    def rows_changed(self, names: Sequence[str] | None) -> None:
        self._rows.start()

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
        self._do(self.campaign.next)

    def open_series(self, name: str) -> None:
        """Open a series of the queue."""
        self._do(lambda: self.campaign.open(name))

    def accept_series(self) -> None:
        """File the annotation of the open series."""
        self._do(self.campaign.accept_series)

    def save_for_later(self) -> None:
        """Close the open series."""
        self._do(self.campaign.save_for_later)

    def pin(self, name: str, pinned: bool) -> None:
        """Put a series at the head of the queue, or take it back."""
        self._do(lambda: self.campaign.pin(name, pinned))

    def skip(self, name: str, skipped: bool) -> None:
        """Put a series at the end of the queue, or take it back."""
        self._do(lambda: self.campaign.skip(name, skipped))

    def rank(self) -> None:
        """Score the pool."""
        self._do(self.campaign.rank)

    def stop_ranking(self) -> None:
        """Stop that; what was scored is kept."""
        self._do(self.campaign.ranking.cancel)

    def train(self) -> None:
        """Begin a training, or go on with the one that was paused."""
        self._do(self.campaign.train)

    def pause_training(self) -> None:
        """Stop the training with its state saved."""
        self._do(self.campaign.pause_training)

    def cancel_training(self) -> None:
        """Give the training up."""
        self._do(self.campaign.cancel_training)

    def publish(self, version: str) -> None:
        """Make another model the shared one."""

        def publish() -> None:
            models = listed_models(self.campaign.project.models.all())
            chosen = next(model for model in models if model.version == version)
            if not chosen.question or self._messages.agrees(chosen.question):
                self.campaign.publish(version)

        self._do(publish)

    def _do(self, act: Callable[[], None]) -> None:
        self._messages.do(act)

    # -- parts ----------------------------------------------------------------------------------

    def _poll_campaign(self) -> bool:
        busy = self._campaign is not None and self._campaign.poll(timeout=0)
        self._state.working = busy
        return busy

    def _filter(self, queue_text: str, queue_status: str | None, **_: Any) -> None:
        if self._campaign is None:
            return
        self._campaign.queue.view.filter(queue_text or "", [queue_status] if queue_status else None)
        self._state.queue_page = 1
        self._rows.start()

    def _choose_strategy(self, strategy: str | None, **_: Any) -> None:
        if self._campaign is not None and strategy and strategy != self._chosen_strategy:
            self._do(lambda: self.campaign.choose_strategy(strategy))

    @property
    def _chosen_strategy(self) -> str:
        return self.campaign.queue.strategy.name

    def _show(self) -> None:
        """Everything but the rows of the queue."""
        if self._campaign is None:
            return
        campaign, state = self._campaign, self._state
        state.read_only_because = campaign.read_only_because
        state.strategy = self._chosen_strategy
        state.series = campaign.annotating.current or ""
        state.awaited = campaign.annotating.awaited or ""
        ranking = campaign.ranking.state
        state.ranking = {
            "running": ranking.running,
            "sentence": ranking.sentence,
            "percent": round(100 * ranking.done / ranking.total) if ranking.total else None,
        }
        self._show_training()
        self._show_models()
        overview = campaign.queue.overview
        if overview is not None:
            points = overview.curve
            state.curve = draw(curve_plot(points, MeasuredIou(), PLACES[1]))
            state.worth = overview.worth.sentence
            state.trend = overview.trend
            state.share = None if overview.share is None else round(100 * overview.share)
            state.hours = None if overview.hours is None else round(overview.hours, 1)

    def _show_training(self) -> None:
        training = self.campaign.training.state
        share = share_trained(training)
        self._state.training = {
            "active": training.active,
            "pausing": training.phase == "pausing",
            "resumable": training.resumable,
            "sentence": training.sentence,
            "percent": None if share is None else round(100 * share),
        }

    def _show_models(self) -> None:
        models = listed_models(self.campaign.project.models.all())
        self._state.models = [
            {
                "version": model.version,
                "current": model.record.current,
                "validation": _percent(model.validation),
                "test": _percent(model.test),
            }
            for model in models
        ]
        current = next((model.version for model in models if model.record.current), "")
        self._state.model = current

    def _show_rows(self) -> None:
        """The part of the queue that is on the screen."""
        if self._campaign is None:
            return
        view, state = self._campaign.queue.view, self._state
        state.queue_count = len(view)
        state.queue_pages = page_count(view)
        state.queue_loading = self._campaign.queue.busy and not self._campaign.queue.rows
        rows = rows_of_page(view, int(state.queue_page))
        self._campaign.thumbnails.want([row.name for row in rows])
        if self._campaign.thumbnails.busy:
            self.wake()
        state.rows = [shown_row(row, self._thumbnail) for row in rows]
        # What this finds out belongs to the same reading of the project.
        self._update.start()

    def _thumbnail(self, name: str) -> str:
        path = self.campaign.thumbnails.path(name)
        return "" if path is None else f"{THUMBNAILS}/{path.name}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"
