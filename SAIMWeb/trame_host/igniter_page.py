"""The igniter on the page: who proposes now, and another one with what its classes become."""

from __future__ import annotations

from pathlib import Path

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.igniter import mapping_rows
from SAIMCore.errors import ConfigurationError
from SAIMCore.rounds.igniter_choice import FoundIgniter
from SAIMCore.rounds.proposer import Proposing
from SAIMWeb.trame_host.messages import Messages

__all__ = ["IgniterPage"]


class IgniterPage:
    """The igniter of ``campaign`` in the page's state."""

    def __init__(self, state: State, campaign: Campaign, messages: Messages) -> None:
        self._state = state
        self._campaign = campaign
        self._messages = messages
        # What the user has filled in so far, for the igniter that was found.
        self._found: FoundIgniter | None = None
        self._rows: list[tuple[str, str]] = []
        state.update({"igniter_path": "", "igniter_description": ""})
        state.igniter_targets = ["background", *campaign.project.classes.names[1:]]
        self.show()

    # -- what the user asks for -----------------------------------------------------------------

    def look_at(self, path: str, description: str = "") -> None:
        """Find out which classes the igniter at ``path``, on the server's disk, has."""

        def look() -> None:
            if not path.strip():
                raise ConfigurationError("give the path of the igniter: a file or a folder")
            given = description.strip()
            self._campaign.look_at_igniter(
                Path(path.strip()).expanduser().absolute(),
                Path(given).expanduser().absolute() if given else None,
            )

        self._messages.do(look)
        self.show()

    def map_class(self, name: str, becomes: str | None) -> None:
        """One of its classes becomes this, as text."""
        self._rows = [
            (theirs, (becomes or "").strip() if theirs == name else ours)
            for theirs, ours in self._rows
        ]
        self.show()

    def use(self) -> None:
        """Try the igniter that was found, and let it propose from now on."""
        self._messages.do(lambda: self._campaign.use_igniter(self._rows))
        self.show()

    def forget(self) -> None:
        """Do not use the igniter that was found after all."""
        self._messages.do(self._campaign.forget_igniter)
        self.show()

    def stop(self) -> None:
        """Give up what is under way; what was set before stays."""
        self._messages.do(self._campaign.stop_igniter)
        self.show()

    def remove(self) -> None:
        """Leave all proposals to our own models, once the user has said yes."""

        def remove() -> None:
            if self._messages.agrees("Remove the igniter, so that only our own models propose?"):
                self._campaign.remove_igniter()

        self._messages.do(remove)
        self.show()

    # -- what the user sees ---------------------------------------------------------------------

    def show(self) -> None:
        """Who proposes, what goes on, and the igniter that waits for its mapping."""
        igniter = self._campaign.igniter
        found = igniter.state.found
        if found is not self._found:
            # The one before was used, or is not to be.
            self._state.update({"igniter_path": "", "igniter_description": ""})
            self._found = found
            self._rows = [] if found is None else mapping_rows(found)
        self._state.igniter = {
            "sentence": igniter.proposer.sentence,
            "proposes": igniter.proposer.kind is Proposing.IGNITER,
            "chosen": igniter.chosen,
            "name": Path(igniter.chosen).name,
            "running": igniter.state.running,
            "doing": igniter.state.sentence,
            "found": "" if found is None else found.name,
            "rows": [{"name": name, "becomes": becomes} for name, becomes in self._rows],
        }
