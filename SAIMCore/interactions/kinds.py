"""The kinds of interactions, by the name that they have in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SAIMCore.errors import InteractionError
from SAIMCore.interactions.box import Box
from SAIMCore.interactions.click import Click
from SAIMCore.interactions.stroke import Stroke

__all__ = ["INTERACTION_TYPES", "interaction_from_json"]

INTERACTION_TYPES: dict[str, type[Click] | type[Stroke] | type[Box]] = {
    Click.kind: Click,
    Stroke.kind: Stroke,
    Box.kind: Box,
}


def interaction_from_json(entry: Mapping[str, Any]) -> Click | Stroke | Box:
    """Make the interaction that ``entry`` describes.

    Raises InteractionError when its type is unknown, a field is missing, or something is no whole
    number.
    """
    kind = entry.get("type", Click.kind)
    if not isinstance(kind, str) or kind not in INTERACTION_TYPES:
        raise InteractionError(
            f"unknown interaction type {kind!r}; known are {', '.join(sorted(INTERACTION_TYPES))}"
        )
    made = INTERACTION_TYPES[kind]
    try:
        return made.from_json(entry)
    except (KeyError, TypeError, ValueError) as error:
        raise InteractionError(
            f"the {kind} {dict(entry)!r} is not complete ({error}); give slice, class and "
            f"{made.places} as whole numbers"
        ) from error
