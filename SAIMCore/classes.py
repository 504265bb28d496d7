"""The class table: which structures a project knows, and how they are written to files.

Inside the network classes are numbered 0 (background) to N - 1 and exclude each other. In files
each class has a label value of its own. A class may lie *within* another one (a tumor in the
uterus): the outer structure is then shown, written out and measured as the union of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import ClassTableError

__all__ = ["BACKGROUND", "ClassDefinition", "ClassTable"]

BACKGROUND = "background"
MAXIMUM_CLASSES = 255
LARGEST_VALUE = 65535
# Above every class index.
_NO_CLASS = 255

# Color-blind-safe (Okabe and Ito); later classes go through it again, darker.
_COLORS = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)


def _default_color(index: int) -> tuple[int, int, int]:
    if index == 0:
        return (0, 0, 0)
    turn, place = divmod(index - 1, len(_COLORS))
    red, green, blue = _COLORS[place]
    factor = 0.7**turn
    return (round(red * factor), round(green * factor), round(blue * factor))


@dataclass(frozen=True)
class ClassDefinition:
    """One row of the table. ``color`` is 8-bit RGB; ``within`` names the enclosing class."""

    name: str
    value: int
    color: tuple[int, int, int]
    within: str | None = None


@dataclass(frozen=True)
class _WrittenClass:
    """A class as a person writes it; what is None gets its default."""

    name: str
    within: str | None
    value: int | None
    color: tuple[int, int, int] | None

    @classmethod
    def parse(cls, text: str) -> _WrittenClass:
        rest, color = text.strip(), None
        match = re.fullmatch(r"(.*)#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", rest)
        if match:
            rest = match[1]
            color = (int(match[2], 16), int(match[3], 16), int(match[4], 16))
        named, equals, number = rest.partition("=")
        name, _, outer = named.partition("<")
        if equals and not number.strip().isdecimal():
            raise ClassTableError(
                f"the class {text.strip()!r} has no whole number after '='; write a label value, "
                "like liver=63"
            )
        value = int(number) if equals else None
        return cls(name.strip(), outer.strip() or None, value, color)

    def numbered(self, index: int) -> ClassDefinition:
        value = index if self.value is None else self.value
        return ClassDefinition(self.name, value, self.color or _default_color(index), self.within)


def _valued(entry: _WrittenClass) -> _WrittenClass:
    if entry.value is None and entry.name != BACKGROUND:
        raise ClassTableError(
            f"the class {entry.name!r} has no label value while others have one; write "
            f"{entry.name}=VALUE"
        )
    return entry if entry.value is not None else replace(entry, value=0)


class ClassTable:
    """All classes of a project, background first; the position is the network's class index.

    Raises ClassTableError when names or label values repeat, the first class is not the
    background, a class lies within one that does not exist (or within itself, or in a circle).
    """

    def __init__(self, classes: Sequence[ClassDefinition]) -> None:
        self._classes = tuple(classes)
        self._check()
        self._indices = {entry.name: index for index, entry in enumerate(self._classes)}

    @classmethod
    def from_names(cls, names: Iterable[str]) -> ClassTable:
        """Read ``name``, ``name<outer``, ``name=value`` or ``name<outer=value#rrggbb``.

        ``<outer`` says that the class lies within the class ``outer``, ``#rrggbb`` gives it another
        color than the default. Without values the names are numbered 0, 1, 2, ...; with values all
        classes but the background need one, and the background (0) may be left out.

        Raises ClassTableError for what cannot be read, and for a table that contradicts itself.
        """
        written = [_WrittenClass.parse(text) for text in names]
        if any(entry.value is not None for entry in written):
            if BACKGROUND not in [entry.name for entry in written]:
                written.insert(0, _WrittenClass(BACKGROUND, None, 0, None))
            written = [_valued(entry) for entry in written]
        return cls([entry.numbered(index) for index, entry in enumerate(written)])

    @classmethod
    def from_values(cls, values: Mapping[int, str]) -> ClassTable:
        """Take label values and names as a data set's description gives them."""
        entries = [
            ClassDefinition(BACKGROUND if value == 0 else name, value, _default_color(index))
            for index, (value, name) in enumerate(sorted(values.items()))
        ]
        return cls(entries)

    @classmethod
    def from_json(cls, rows: Sequence[Mapping[str, Any]]) -> ClassTable:
        """Read what ``to_json`` wrote; a missing color gets its default."""
        entries = []
        for index, row in enumerate(rows):
            try:
                color = row.get("color") or _default_color(index)
                red, green, blue = (_whole(part) for part in color)
                within = row.get("within") or None
                if not isinstance(within, str | None):
                    raise TypeError(f"within must be the name of a class, found {within!r}")
                entries.append(
                    ClassDefinition(
                        str(row["name"]),
                        _whole(row["value"]),
                        (red, green, blue),
                        within,
                    )
                )
            except (KeyError, TypeError, ValueError) as error:
                raise ClassTableError(
                    f"class {index} of the class table cannot be read ({error}); "
                    "give name, value and a color of three numbers"
                ) from error
        return cls(entries)

    def to_json(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for entry in self._classes:
            row: dict[str, Any] = {
                "name": entry.name,
                "value": entry.value,
                "color": list(entry.color),
            }
            if entry.within:
                row["within"] = entry.within
            rows.append(row)
        return rows

    def __len__(self) -> int:
        return len(self._classes)

    def __iter__(self) -> Iterator[ClassDefinition]:
        return iter(self._classes)

    def __getitem__(self, index: int) -> ClassDefinition:
        return self._classes[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassTable) and self._classes == other._classes

    def __hash__(self) -> int:
        return hash(self._classes)

    def __repr__(self) -> str:
        return f"ClassTable({', '.join(f'{c.value}={c.name}' for c in self._classes)})"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self._classes)

    @property
    def foreground(self) -> tuple[int, ...]:
        """Class indices without the background."""
        return tuple(range(1, len(self._classes)))

    def index(self, name: str) -> int:
        """Class index of ``name``. Raises ClassTableError when there is no such class."""
        if name not in self._indices:
            raise ClassTableError(f"no class {name!r}; the classes are {', '.join(self.names)}")
        return self._indices[name]

    def same_structure(self, other: ClassTable) -> bool:
        """Whether names, label values and nesting agree, so that models fit (colors may differ)."""
        mine = [(entry.name, entry.value, entry.within) for entry in self]
        return mine == [(entry.name, entry.value, entry.within) for entry in other]

    def members(self, index: int) -> tuple[int, ...]:
        """Class indices that make up the structure ``index``: itself and all that lies within."""
        found = [index]
        for member in found:
            name = self._classes[member].name
            found.extend(i for i, entry in enumerate(self._classes) if entry.within == name)
        return tuple(found)

    def structure(self, labels: NDArray[np.uint8], index: int) -> NDArray[np.bool_]:
        """Mask of the structure ``index`` in ``labels`` (class indices, any shape)."""
        return np.isin(labels, self.members(index))

    def to_indices(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Class indices of an array of label values (any shape).

        Raises ClassTableError naming the values that no class has.
        """
        lookup = np.full(LARGEST_VALUE + 1, _NO_CLASS, dtype=np.uint8)
        lookup[[entry.value for entry in self._classes]] = np.arange(len(self._classes))
        with np.errstate(invalid="ignore"):
            places = values.astype(np.uint16, copy=False)
        indices: NDArray[np.uint8] = lookup[places]
        # What does not fit into 16 bits, or is no whole number, has become another number.
        strange = (indices == _NO_CLASS) | (places != values)
        if strange.any():
            unknown = np.unique(values[strange]).tolist()
            listed = ", ".join(str(value) for value in unknown[:8])
            raise ClassTableError(
                f"label value{'s' if len(unknown) > 1 else ''} {listed} not in the class table "
                f"({', '.join(f'{c.value}={c.name}' for c in self._classes)})"
            )
        return indices

    def to_values(self, indices: NDArray[np.uint8]) -> NDArray[Any]:
        """Label values of an array of class indices, in the smallest unsigned type that fits."""
        largest = max(entry.value for entry in self._classes)
        dtype = np.uint8 if largest < 256 else np.uint16
        return np.array([entry.value for entry in self._classes], dtype=dtype)[indices]

    def _check(self) -> None:
        if not 2 <= len(self._classes) <= MAXIMUM_CLASSES:
            raise ClassTableError(
                f"a class table needs 2 to {MAXIMUM_CLASSES} classes with the background, "
                f"found {len(self._classes)}"
            )
        first = self._classes[0]
        if first.name != BACKGROUND or first.value != 0 or first.within is not None:
            raise ClassTableError(
                f"the first class must be {BACKGROUND!r} with value 0, within no other; found "
                f"{first.name!r} with value {first.value}"
                f"{f' within {first.within!r}' if first.within else ''}"
            )
        _refuse_repeats("class name", [entry.name for entry in self._classes])
        _refuse_repeats("label value", [entry.value for entry in self._classes])
        for entry in self._classes:
            if not entry.name or not 0 <= entry.value <= LARGEST_VALUE:
                raise ClassTableError(
                    f"class {entry.name!r} with value {entry.value}: give a name and a value "
                    f"from 0 to {LARGEST_VALUE}"
                )
            if not all(0 <= part <= 255 for part in entry.color):
                raise ClassTableError(
                    f"class {entry.name!r} has the color {entry.color}; give red, green and blue "
                    "from 0 to 255"
                )
        self._check_nesting()

    def _check_nesting(self) -> None:
        outer = {entry.name: entry.within for entry in self._classes}
        for name in outer:
            seen = [name]
            step = outer[name]
            while step is not None:
                if step not in outer or step == BACKGROUND:
                    raise ClassTableError(
                        f"class {seen[-1]!r} lies within {step!r}, which is no foreground class"
                    )
                if step in seen:
                    raise ClassTableError(f"classes lie within each other: {' < '.join(seen)}")
                seen.append(step)
                step = outer[step]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def _refuse_repeats(what: str, items: Sequence[Any]) -> None:
    repeated = sorted({item for item in items if items.count(item) > 1})
    if repeated:
        raise ClassTableError(f"{what} {repeated[0]!r} appears more than once in the class table")
