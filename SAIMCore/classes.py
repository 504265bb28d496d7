"""The class table: which structures a project knows, and how they are written to files.

Inside the network classes are numbered 0 (background) to N - 1 and exclude each other. In files
each class has a label value of its own. A class may lie *within* another one (a tumor in the
uterus): the outer structure is then shown, written out and measured as the union of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
        """Number the names 0, 1, 2, ... and give them default colors.

        ``"name<outer"`` says that the class lies within the class ``outer``.
        """
        entries = []
        for index, text in enumerate(names):
            name, _, outer = text.strip().partition("<")
            entries.append(
                ClassDefinition(name.strip(), index, _default_color(index), outer.strip() or None)
            )
        return cls(entries)

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
                entries.append(
                    ClassDefinition(
                        str(row["name"]),
                        _whole(row["value"]),
                        (red, green, blue),
                        row.get("within") or None,
                    )
                )
            except (KeyError, TypeError, ValueError) as error:
                raise ClassTableError(
                    f"class {index} of the class table is not complete ({error}); "
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
