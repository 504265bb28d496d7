"""The models on the page: their figures, what the last training made, restore and export."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.model_list import ListedModel, listed_models
from SAIMCore.campaign.overview import Overview
from SAIMCore.rounds.lifecycle import RoundOutcome
from SAIMWeb.exports import Exports
from SAIMWeb.sentences import as_sentence, in_percent
from SAIMWeb.trame_host.messages import Messages

__all__ = ["EXPORTS", "ModelsPage"]

# Where exported models are fetched from.
EXPORTS = "/exports"


class ModelsPage:
    """The models of ``campaign`` in the page's state; those exported are in ``exports``."""

    def __init__(
        self, state: State, campaign: Campaign, messages: Messages, exports: Exports
    ) -> None:
        self._state = state
        self._campaign = campaign
        self._messages = messages
        self._exports = exports
        self._models: list[ListedModel] = []
        # What these were listed for.
        self._overview: Overview | None = None
        self._outcome: RoundOutcome | None = None
        self._settled: RoundOutcome | None = None
        state.update({"exporting": False, "exports": []})
        self.show()

    # -- what the user asks for -----------------------------------------------------------------

    def publish(self, version: str) -> None:
        """Make another model the shared one, once the user has said yes."""

        def publish() -> None:
            chosen = self._named(version)
            question = chosen.question or f"Use {version} instead of {chosen.shared}, everywhere?"
            if chosen.shared is None or self._messages.agrees(question):
                self._campaign.publish(version)

        self._messages.do(publish)

    def keep_present(self) -> None:
        """The last training's model is not to be used; it stays in the list."""
        self._settled = self._campaign.training.outcome
        self.show()

    def export(self, version: str, kind: str) -> None:
        """Write a model into the project's folder of exports."""

        def export() -> None:
            self._campaign.project.require_writable()
            path = self._exports.place(version, kind)
            if path.is_dir():
                self._messages.say(f"{version} is at {path} already")
            elif not path.exists() or self._messages.agrees(f"{path} exists. Write it anew?"):
                self._campaign.export(version, path, kind, overwrite=True)

        self._messages.do(export)
        self.show_exporting()

    # -- what the user sees ---------------------------------------------------------------------

    def show(self) -> None:
        """The list, and what came of the last training."""
        overview, outcome = self._campaign.queue.overview, self._campaign.training.outcome
        if overview is not self._overview or outcome is not self._outcome or not self._models:
            self._overview, self._outcome = overview, outcome
            self._models = listed_models(self._campaign.project.models.all())
            self._show_exports()
        self._state.models = [_shown(model) for model in self._models]
        current = (model.version for model in self._models if model.record.current)
        self._state.model = next(current, "")
        self._state.outcome = self._last_training()

    def show_exporting(self) -> None:
        """Whether a model is being written, and once it is, where it can be fetched."""
        before = self._state.exporting
        self._state.exporting = self._campaign.exporting
        if before and not self._state.exporting:
            self._show_exports()

    def _show_exports(self) -> None:
        self._state.exports = [
            {"name": name, "size": f"{size / 1e6:.1f} MB", "address": f"{EXPORTS}/{quote(name)}"}
            for name, size in self._exports.files().items()
        ]

    def _last_training(self) -> dict[str, Any] | None:
        """The new model beside the one before, None without a training that ended."""
        outcome = self._outcome
        if outcome is None or outcome.model is None or outcome is self._settled:
            return None
        new = self._named(outcome.model.version)
        others = [model for model in self._models if model is not new and model.record.published]
        before = max(others, key=lambda model: model.record.published or "", default=None)
        return {
            "version": new.version,
            "sentence": as_sentence(outcome.sentence),
            "waits": not outcome.published and not new.record.current,
            "models": [_shown(model) for model in (new, before) if model is not None],
        }

    def _named(self, version: str) -> ListedModel:
        return next(model for model in self._models if model.version == version)


def _shown(model: ListedModel) -> dict[str, Any]:
    published = model.record.published
    return {
        "version": model.version,
        "current": model.record.current,
        "validation": in_percent(model.validation),
        "test": in_percent(model.test),
        "sentence": model.sentence,
        "published": "" if published is None else published[:16].replace("T", " "),
    }
