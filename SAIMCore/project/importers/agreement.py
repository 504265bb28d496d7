"""One class table out of those that the user, the splits file and the data set give."""

from __future__ import annotations

from collections.abc import Mapping

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ClassTableError

__all__ = ["agreed_classes"]


def agreed_classes(named: Mapping[str, ClassTable | None]) -> ClassTable:
    """The first of the tables (under the words that say where they come from).

    All must have the same label values. Names may differ, since users may call the classes of a
    data set as they like, but a name must mean the same value everywhere. Where the first table
    nests no class, another one with the same classes says which lie within others.

    Raises ClassTableError when there is no table, or two contradict each other.
    """
    tables = {where: table for where, table in named.items() if table is not None}
    if not tables:
        raise ClassTableError(
            "nothing says which classes there are; name them, like background,liver,spleen"
        )
    (first, chosen), *others = tables.items()
    for where, other in others:
        if {entry.value for entry in chosen} != {entry.value for entry in other}:
            raise ClassTableError(
                f"the classes of {first}, {chosen!r}, have other label values than those of "
                f"{where}, {other!r}; name the classes in one place only"
            )
        _refuse_exchanged(first, chosen, where, other)
        chosen = _with_nesting(chosen, other)
    return chosen


def _refuse_exchanged(first: str, chosen: ClassTable, where: str, other: ClassTable) -> None:
    values = _values(chosen)
    for name, value in _values(other).items():
        if values.get(name, value) != value:
            raise ClassTableError(
                f"the class {name!r} has the label value {values[name]} in {first} but {value} in "
                f"{where}; correct the order of the names, or write the values, like "
                f"{name}={value}"
            )


def _with_nesting(chosen: ClassTable, other: ClassTable) -> ClassTable:
    if any(entry.within for entry in chosen) or _values(chosen) != _values(other):
        return chosen
    outer = {entry.name: entry.within for entry in other}
    return ClassTable.from_json([{**row, "within": outer[row["name"]]} for row in chosen.to_json()])


def _values(classes: ClassTable) -> dict[str, int]:
    return {entry.name: entry.value for entry in classes}
