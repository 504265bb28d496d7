"""What annotators did on a series as one text, where there is no project to note it.

The text is a JSON document for people, too: every sitting and every interaction is one line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Interaction
from SAIMCore.session.activity import check_active_seconds

__all__ = ["AnnotationLog"]

FORMAT = 1

# What a text that is no log, or one with missing or wrong parts, raises.
DAMAGE = (AttributeError, KeyError, TypeError, ValueError)


class AnnotationLog:
    """Sittings with their active seconds, and every interaction as it was made.

    Times are UTC, ISO 8601. An interaction that was undone later stays in the log.
    """

    def __init__(self) -> None:
        self._sittings: list[dict[str, Any]] = []
        # Written as text at once: with every click, all of the log is asked for.
        self._interactions: list[str] = []

    @classmethod
    def from_text(cls, text: str, name: str) -> AnnotationLog:
        """The log of which ``text`` is the ``text()``.

        Raises ProjectError, in which it is called ``name``, when it is damaged or too new.
        """
        log = cls()
        try:
            document = json.loads(text)
            newer = int(document["format"]) > FORMAT
            if not newer:
                log._sittings = [
                    {**entry, "seconds_active": float(entry["seconds_active"])}
                    for entry in document["sittings"]
                ]
                log._interactions = [json.dumps({**entry}) for entry in document["interactions"]]
        except DAMAGE as error:
            raise ProjectError(
                f"{name} holds no log of SAIM ({error}); use an earlier copy, or remove it and "
                "start a new log"
            ) from error
        if newer:
            raise ProjectError(
                f"{name} has a log of format {document['format']}, this version of SAIM reads up "
                f"to {FORMAT}; update SAIM"
            )
        return log

    @property
    def seconds_active(self) -> float:
        """Those of all sittings."""
        return float(sum(entry["seconds_active"] for entry in self._sittings))

    def begin(self, annotator: str) -> int:
        """Start a sitting; returns its number."""
        self._sittings.append({"annotator": annotator, "started": _now(), "seconds_active": 0.0})
        return len(self._sittings) - 1

    def add_active(self, sitting: int, seconds: float) -> None:
        """Add activity to a sitting. Raises ProjectError when ``seconds`` cannot be."""
        check_active_seconds(seconds)
        self._sittings[sitting]["seconds_active"] += seconds

    def add(
        self, interactions: Sequence[Interaction], annotator: str, model_version: str | None
    ) -> None:
        """Note interactions that are made now."""
        said = {"time": _now(), "annotator": annotator, "model": model_version}
        self._interactions += [
            json.dumps({**said, **interaction.to_json()}) for interaction in interactions
        ]

    def text(self) -> str:
        """All of it."""
        sittings = _list(map(json.dumps, self._sittings))
        interactions = _list(self._interactions)
        return f'{{"format": {FORMAT},\n"sittings": {sittings},\n"interactions": {interactions}}}\n'


def _list(lines: Iterable[str]) -> str:
    return "[\n" + ",\n".join(lines) + "\n]"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")
