"""Splits files: which series are the initial annotated ones, validation, test and the pool.

::

    {"classes": {"0": "background", "1": "liver"}, "within": {"tumor": "liver"},
     "splits": {"train_initial": [...], "pool": [...], "validation": [...], "test": [...]},
     "small": {...}}

``classes`` and ``within`` are optional; further groups such as ``small`` are chosen by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from SAIMCore.classes import ClassTable
from SAIMCore.data.tables import read_table
from SAIMCore.errors import ClassTableError, ProjectError
from SAIMCore.project.importers.plan import PlannedSeries
from SAIMCore.project.records import LABELED_STATUSES

__all__ = ["Splits", "apply_splits", "read_splits"]

DEFAULT_GROUP = "splits"
_STATUS_OF = {
    "train_initial": "annotated",
    "pool": "unannotated",
    "validation": "validation",
    "test": "test",
}


@dataclass(frozen=True)
class Splits:
    """The chosen group of a splits file: names per split, and the classes if it tells them."""

    path: Path
    names: Mapping[str, Sequence[str]]
    classes: ClassTable | None


def read_splits(text: str) -> Splits:
    """Read ``FILE``, or the group ``NAME`` of it when ``text`` is ``FILE:NAME``.

    Raises ConfigurationError when the file is damaged, ProjectError when it has no such group or an
    unknown split.
    """
    path, group = Path(text), DEFAULT_GROUP
    if not path.exists() and ":" in text:
        before, _, after = text.rpartition(":")
        path, group = Path(before), after
    content = read_table(path)
    found = content.get(group)
    if not isinstance(found, Mapping):
        groups = [key for key, value in content.items() if _is_group(value)]
        raise ProjectError(
            f"{path} has no group of splits {group!r}; it has {', '.join(groups) or 'none'}"
        )
    for split, names in found.items():
        if split not in _STATUS_OF:
            raise ProjectError(
                f"{path}: unknown split {split!r} in {group!r}; known are {', '.join(_STATUS_OF)}"
            )
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ProjectError(f"{path}: the split {split!r} must be a list of series names")
    return Splits(path, found, _classes(path, content))


def apply_splits(
    series: Sequence[PlannedSeries], splits: Splits
) -> tuple[list[PlannedSeries], list[str], list[str]]:
    """Give the series the statuses of their splits; returns (series, notes, problems).

    Series that no split names are left out, with a note. Problems: a name that appears twice or
    has no series, a series without the labels that its split needs.
    """
    known = {entry.name: entry for entry in series}
    placed: dict[str, str] = {}
    planned: list[PlannedSeries] = []
    problems: list[str] = []
    for split, names in splits.names.items():
        for name in names:
            status = _STATUS_OF[split]
            if name in placed:
                problems.append(_twice(name, placed[name], split))
            elif name not in known:
                problems.append(
                    f"series {name!r} of the split {split!r} does not exist among the images; "
                    f"correct {splits.path} or add its image"
                )
            elif status in LABELED_STATUSES and known[name].labels is None:
                problems.append(
                    f"series {name!r} of the split {split!r} has no labels; add its labelmap or "
                    "move it to the pool"
                )
            else:
                planned.append(replace(known[name], status=status))
            placed.setdefault(name, split)
    left_out = len(set(known) - set(placed))
    notes = [f"{left_out} series are in no split and were left out"] if left_out else []
    return planned, notes, problems


def _twice(name: str, first: str, second: str) -> str:
    if first == second:
        return f"duplicate series {name!r} in the split {first!r}; name it once"
    return f"series {name!r} is in the splits {first!r} and {second!r}; keep it in one"


def _is_group(value: object) -> bool:
    return isinstance(value, Mapping) and bool(set(value) & set(_STATUS_OF))


def _classes(path: Path, content: Mapping[str, Any]) -> ClassTable | None:
    named = content.get("classes")
    if named is None:
        return None
    try:
        values = {int(value): str(name) for value, name in named.items()}
    except (AttributeError, ValueError) as error:
        raise ProjectError(
            f'{path}: classes must map values to names, like {{"1": "liver"}}; found {named!r}'
        ) from error
    within = content.get("within", {})
    if not isinstance(within, Mapping) or not set(within) <= set(values.values()):
        raise ProjectError(
            f"{path}: within must map class names to the classes around them; found {within!r}"
        )
    try:
        rows = ClassTable.from_values({0: "background", **values}).to_json()
        for row in rows:
            row["within"] = within.get(row["name"])
        return ClassTable.from_json(rows)
    except ClassTableError as error:
        raise ClassTableError(f"{path}: {error}") from error
