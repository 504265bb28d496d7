"""Interactions from a JSON file: ``[{"slice": 3, "row": 40, "column": 52, "class": 1}, ...]``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from SAIMCore.errors import InteractionError
from SAIMCore.interactions import Interaction, interaction_from_json

__all__ = ["group_by_slice", "read_clicks"]


def read_clicks(path: str | os.PathLike[str]) -> list[Interaction]:
    """The clicks and strokes in the file at ``path``, in its order.

    Raises InteractionError when the file cannot be read, is no JSON list of objects, or one of
    them is no interaction. Whether they lie in the series is checked where they are used.
    """
    file = Path(path)
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InteractionError(
            f"cannot read the clicks file {file} ({error.strerror}); give an existing file"
        ) from error
    except ValueError as error:
        raise InteractionError(
            f"{file} is not JSON ({error}); give a list of clicks as JSON"
        ) from error
    if not isinstance(entries, list):
        raise InteractionError(
            f"{file} holds a JSON {type(entries).__name__}; give a list of clicks"
        )
    interactions: list[Interaction] = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise InteractionError(
                f"entry {number} of {file} is {entry!r}; give an object with slice, row, column "
                "and class"
            )
        try:
            interactions.append(interaction_from_json(entry))
        except InteractionError as error:
            raise InteractionError(f"entry {number} of {file}: {error}") from error
    return interactions


def group_by_slice(interactions: Iterable[Interaction]) -> dict[int, list[Interaction]]:
    """The interactions of each slice in their order; slices in the order of their first one."""
    groups: dict[int, list[Interaction]] = {}
    for interaction in interactions:
        groups.setdefault(interaction.slice_index, []).append(interaction)
    return groups
