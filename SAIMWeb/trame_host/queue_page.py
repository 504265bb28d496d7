"""The queue on the page: the rows that are shown, filter, order and ranking."""

from __future__ import annotations

from typing import Any

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.host import CampaignHost
from SAIMCore.campaign.plan_display import what_fits, what_was_held
from SAIMCore.campaign.queue import QueueRow
from SAIMCore.errors import ConfigurationError
from SAIMWeb.pulse import Pulse
from SAIMWeb.queue_rows import SORTS, STATUS_CHOICES, page_count, rows_of_page, shown_row
from SAIMWeb.sentences import as_sentence
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.series_menu import SeriesMenu

__all__ = ["THUMBNAILS", "QueuePage"]

# Where the pictures of the queue are fetched from.
THUMBNAILS = "/thumbnails"


class QueuePage:
    """The queue of ``campaign`` in the page's state; ``host`` is that of the campaign."""

    def __init__(
        self,
        state: State,
        pulse: Pulse,
        campaign: Campaign,
        messages: Messages,
        host: CampaignHost,
    ) -> None:
        self._state = state
        self._campaign = campaign
        self._messages = messages
        self._host = host
        self._rows = pulse.after(0, self._show_rows)
        self.menu = SeriesMenu(state, campaign, messages)
        state.update(
            {
                "queue_text": "",
                "queue_status": None,
                "queue_statuses": list(STATUS_CHOICES),
                "queue_sort": next(iter(SORTS)),
                "queue_sorts": list(SORTS),
                "queue_descending": False,
                "queue_page": 1,
                "queue_pages": 1,
                "queue_count": 0,
                "queue_total": 0,
                # "loading", "failed", "empty", "no match" or "rows".
                "queue_state": "loading",
                "rows": [],
                "strategies": [strategy.name for strategy in campaign.queue.strategies],
            }
        )
        state.change("queue_text", "queue_status")(self._filter)
        state.change("queue_sort", "queue_descending")(self._sort)
        state.change("queue_page")(lambda **_: self._rows.start())
        state.change("strategy")(self._choose_strategy)
        self.show()
        self._show_rows()

    def stop(self) -> None:
        """Show nothing new any more."""
        self._rows.stop()

    def rows_changed(self) -> None:
        """Some rows look different, or are elsewhere."""
        self._rows.start()

    # -- what the user asks for -----------------------------------------------------------------

    def rank(self) -> None:
        """Score the pool."""
        self._messages.do(self._campaign.rank)

    def stop_ranking(self) -> None:
        """Stop that; what was scored is kept."""
        self._messages.do(self._campaign.ranking.cancel)

    def set_budget(self, minutes: str) -> None:
        """The minutes that a session shall take, "" for no matter how many."""

        def choose() -> None:
            self._campaign.choose_strategy(self._strategy, _minutes(minutes))

        self._messages.do(choose)
        # What was typed may be no number.
        self.show()

    def clear_filter(self) -> None:
        """Show all series."""
        self._state.update({"queue_text": "", "queue_status": None})

    def read_again(self) -> None:
        """Read the series once more, after they could not be read."""
        self._messages.do(self._campaign.queue.rebuild)
        self._host.wake()
        self._rows.start()

    # -- what the user sees ---------------------------------------------------------------------

    def show(self) -> None:
        """How the queue is ordered, and how its ranking goes."""
        state, queue = self._state, self._campaign.queue
        minutes = queue.budget_minutes
        state.queue_state = self._queue_state()
        state.strategy = self._strategy
        state.strategy_sentence = queue.strategy.description
        state.budget = "" if minutes is None else f"{minutes:g}"
        state.budget_sentence = as_sentence(what_fits(queue.rows, minutes, queue.minutes_spent))
        state.plan_sentence = as_sentence(what_was_held(queue.plan))
        ranking = self._campaign.ranking.state
        state.ranking = {
            "running": ranking.running,
            "sentence": as_sentence(ranking.sentence),
            "percent": round(100 * ranking.done / ranking.total) if ranking.total else None,
        }

    def _show_rows(self) -> None:
        """The part of the queue that is on the screen."""
        queue, thumbnails, state = self._campaign.queue, self._campaign.thumbnails, self._state
        rows = rows_of_page(queue.view, int(state.queue_page))
        state.queue_count, state.queue_total = len(queue.view), len(queue.rows)
        state.queue_pages = page_count(queue.view)
        state.queue_state = self._queue_state()
        thumbnails.want([row.name for row in rows])
        if thumbnails.busy:
            self._host.wake()
        unreadable = dict(self._campaign.ranking.state.unreadable)
        state.rows = [self._shown(row, unreadable.get(row.name, "")) for row in rows]
        # What this finds out belongs to the same reading of the project.
        self._host.refresh()

    def _shown(self, row: QueueRow, unreadable: str) -> dict[str, Any]:
        path = self._campaign.thumbnails.path(row.name)
        return shown_row(
            row,
            "" if path is None else f"{THUMBNAILS}/{path.name}",
            unreadable,
            writable=not self._campaign.read_only_because,
        )

    def _queue_state(self) -> str:
        queue = self._campaign.queue
        if len(queue.view):
            return "rows"
        if queue.rows:
            return "no match"
        if queue.busy:
            return "loading"
        return "failed" if queue.overview is None else "empty"

    # -- parts ----------------------------------------------------------------------------------

    @property
    def _strategy(self) -> str:
        return self._campaign.queue.strategy.name

    def _filter(self, queue_text: str | None, queue_status: str | None, **_: Any) -> None:
        statuses = None if queue_status is None else STATUS_CHOICES[queue_status]
        self._campaign.queue.view.filter(queue_text or "", statuses)
        self._from_first_page()

    def _sort(self, queue_sort: str, queue_descending: bool, **_: Any) -> None:
        # The queue's own order has one direction.
        column = SORTS[queue_sort]
        self._campaign.queue.view.sort(column, queue_descending and column is not None)
        self._from_first_page()

    def _from_first_page(self) -> None:
        self._state.queue_page = 1
        self._rows.start()

    def _choose_strategy(self, strategy: str | None, **_: Any) -> None:
        if strategy and strategy != self._strategy:
            minutes = self._campaign.queue.budget_minutes
            self._messages.do(lambda: self._campaign.choose_strategy(strategy, minutes))
            # It may not be allowed.
            self._host.refresh()


def _minutes(text: str) -> float | None:
    """Minutes that somebody typed; 0 or nothing: None. Raises ConfigurationError for others."""
    try:
        return float((text or "0").replace(",", ".")) or None
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no number of minutes") from error
