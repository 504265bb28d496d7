"""The menu of each row of the queue, and the reason that some of its commands ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.project.records import LABELED_STATUSES
from SAIMWeb.series_commands import COMMANDS, QUESTIONS, possible_commands
from SAIMWeb.trame_host.messages import Messages

__all__ = ["SeriesMenu"]


class SeriesMenu:
    """Carries out ``COMMANDS`` in ``campaign``; a reason is asked for in the state ``asked``."""

    def __init__(self, state: State, campaign: Campaign, messages: Messages) -> None:
        self._state = state
        self._campaign = campaign
        self._messages = messages
        # By name, what is done to a series for a reason.
        self._acts: dict[str, Callable[[str, str], None]] = {
            "open": lambda name, _: campaign.open(name),
            "pin": lambda name, reason: campaign.pin(name, True, reason or None),
            "unpin": lambda name, _: campaign.pin(name, False),
            "skip": lambda name, reason: campaign.skip(name, True, reason or None),
            "unskip": lambda name, _: campaign.skip(name, False),
            "exclude": campaign.exclude,
            "include": lambda name, _: campaign.include(name),
        }
        state.update(
            {
                "series_commands": {name: asdict(command) for name, command in COMMANDS.items()},
                # The command, the series and the question, or None.
                "asked": None,
                "reason": "",
            }
        )

    def do(self, command: str, name: str) -> None:
        """Do ``command`` to the series ``name``, or ask for the reason first."""
        row = self._campaign.queue.row(name)
        writable = not self._campaign.read_only_because
        if writable and command not in possible_commands(row):
            # It was when the menu was opened.
            return
        if writable and command in QUESTIONS:
            question = QUESTIONS[command]
            self._state.asked = {
                "command": command,
                "series": name,
                "text": question.text.format(name=name),
                "required": question.required,
            }
            self._state.reason = ""
            return
        self._act(command, name, "")

    def give_reason(self, reason: str) -> None:
        """The reason for what was asked last; without one that is needed nothing happens."""
        asked, given = self._state.asked, (reason or "").strip()
        if asked is None or (asked["required"] and not given):
            return
        self.forget()
        self._act(asked["command"], asked["series"], given)

    def forget(self) -> None:
        """Ask for no reason any more."""
        self._state.asked = None

    def _act(self, command: str, name: str, reason: str) -> None:
        def act() -> None:
            if command in LABELED_STATUSES:
                self._campaign.use_as(name, command)
            else:
                self._acts[command](name, reason)

        self._messages.do(act)
