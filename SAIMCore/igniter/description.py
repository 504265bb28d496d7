"""What a network made elsewhere wants to see and what it answers: the TOML file beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from SAIMCore.classes import BACKGROUND
from SAIMCore.data.atomic import write_text
from SAIMCore.data.tables import Table, read_table
from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.normalization import IntensityNormalization

__all__ = ["KINDS", "OUTPUTS", "IgniterDescription", "description_file"]

# Axes of the input, in its order.
KINDS = {"2d": ("rows", "columns"), "3d": ("slices", "rows", "columns")}
OUTPUTS = ("logits", "probabilities", "labels")
_KEYS = (
    "kind", "output", "classes", "values", "input_size", "multiple", "spacing", "orientation",
    "channels", "padding_value", "trained_layers", "normalization",
)  # fmt: skip
_ENDS = ("LR", "PA", "SI")
_LARGEST_VALUE = 65535


def description_file(path: Path) -> Path:
    """Where the description of the network in ``path`` is: ``model.ts`` has ``model.toml``."""
    return path.with_suffix(".toml")


@dataclass(frozen=True)
class IgniterDescription:
    """Input and output of a TorchScript or ONNX network that gets one image and nothing else.

    kind: "2d" takes (B, channels, rows, columns), "3d" (1, channels, slices, rows, columns).
    output: "logits" and "probabilities" are (B, N', ...), "labels" are values (B, ...) or
    (B, 1, ...). classes: N' names, background first, in the order of the output. values: for
    labels, the value of each class; None: 0, 1, 2, ...
    input_size: of the input, which larger series are covered with; None: any size whose sides are
    multiples of ``multiple``. spacing: in mm; None: as the series is. Both in the order of the
    axes, (rows, columns) or (slices, rows, columns). orientation: where columns, rows and slices
    of the input increase to ("LPS" is an axial slice as it is looked at); None: slices are those
    of the series, as it is stored. channels: the image is repeated in each. padding_value: beside
    a small image, once normalized. trained_layers: names of the layers that are trained when the
    network of a TorchScript file for slices is made to agree with marks; none: its last ones.

    The TOML file of a network that finds two organs in axial CT slices::

        kind = "2d"
        output = "logits"
        classes = ["background", "liver", "spleen"]
        input_size = [256, 256]
        spacing = [1.5, 1.5]
        orientation = "LPS"

        [normalization]
        method = "window"
        lower = -160
        upper = 240

    Raises ConfigurationError for values that contradict each other.
    """

    kind: str
    output: str
    classes: tuple[str, ...]
    normalization: IntensityNormalization
    values: tuple[int, ...] | None = None
    input_size: tuple[int, ...] | None = None
    multiple: int | None = None
    spacing: tuple[float, ...] | None = None
    orientation: str | None = None
    channels: int = 1
    padding_value: float = 0.0
    trained_layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key, value, known in (("kind", self.kind, KINDS), ("output", self.output, OUTPUTS)):
            if value not in known:
                raise ConfigurationError(f"{key} is {value!r}; give one of {', '.join(known)}")
        self._check_classes()
        self._check_sizes()
        self._check_places()
        if not math.isfinite(self.padding_value):
            raise ConfigurationError(f"padding_value is {self.padding_value}; give a finite number")

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the input's axes: rows and columns, in 3D slices before them."""
        return KINDS[self.kind]

    @property
    def label_values(self) -> tuple[int, ...]:
        """The value of each class in an output of labels."""
        return tuple(range(len(self.classes))) if self.values is None else self.values

    @classmethod
    def read(cls, path: Path) -> IgniterDescription:
        """The description in the TOML file ``path``.

        Raises ConfigurationError naming the file, the key, what was found and what to do.
        """
        if not path.is_file():
            raise ConfigurationError(
                f"the description {path} does not exist; write it beside the network, with kind, "
                "output, classes, input_size or multiple, and a section [normalization]"
            )
        content = read_table(path)
        try:
            return cls.from_table(content)
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from error

    @classmethod
    def from_table(cls, content: object) -> IgniterDescription:
        """What ``to_table`` gave. Raises ConfigurationError for what is wrong."""
        table = Table(content, "", _KEYS)
        kind = table.choice("kind", tuple(KINDS))
        axes = ", ".join(KINDS[kind])
        normalization = table.required("normalization", 'a section, with method = "none" at least')
        channels, padding = table.whole("channels"), table.number("padding_value")
        return cls(
            kind,
            table.choice("output", OUTPUTS),
            table.texts("classes", "names in the order of the output, background first"),
            IntensityNormalization.from_table(normalization),
            table.wholes("values", "one for each of the classes"),
            table.wholes("input_size", axes),
            table.whole("multiple"),
            table.numbers("spacing", f"mm, {axes}"),
            table.text("orientation"),
            1 if channels is None else channels,
            0.0 if padding is None else padding,
            table.texts("trained_layers", "names of layers of the network", optional=True),
        )

    def to_table(self) -> dict[str, Any]:
        """What ``from_table`` reads; what is None is left out."""
        table: dict[str, Any] = {}
        for key in _KEYS[:-1]:
            value = getattr(self, key)
            if value not in (None, ()):
                table[key] = list(value) if isinstance(value, tuple) else value
        return table | {"normalization": self.normalization.to_table()}

    def to_toml(self) -> str:
        """The text of a file that ``read`` reads."""
        return tomli_w.dumps(self.to_table())

    def write(self, path: Path) -> None:
        """Write the file, atomically. Raises ProjectError when the disk refuses."""
        write_text(path, self.to_toml())

    def _check_classes(self) -> None:
        listed = list(self.classes)
        if len(listed) < 2 or listed[0] != BACKGROUND:
            raise ConfigurationError(
                f'classes is {listed}; give at least two names, "{BACKGROUND}" first'
            )
        for name in listed:
            if not name or name != name.strip() or listed.count(name) > 1:
                raise ConfigurationError(
                    f"classes has {name!r}, which is repeated, empty or begins or ends with a "
                    "blank; give each class a name of its own"
                )
        if self.values is None:
            return
        if self.output != "labels":
            raise ConfigurationError(
                f'values is {list(self.values)}, but the output is "{self.output}", whose order '
                "is that of the classes; remove it"
            )
        distinct = len(set(self.values)) == len(self.values) == len(listed)
        if not distinct or self.values[0] != 0 or not min(self.values) >= 0:
            raise ConfigurationError(
                f"values is {list(self.values)} for {len(listed)} classes; give one for each, all "
                "different, none negative, the background's 0 first"
            )
        if max(self.values) > _LARGEST_VALUE:
            raise ConfigurationError(
                f"values has {max(self.values)}; give values up to {_LARGEST_VALUE}"
            )

    def _check_sizes(self) -> None:
        if self.channels < 1:
            raise ConfigurationError(f"channels is {self.channels}; give at least 1")
        if self.multiple is not None and self.multiple < 1:
            raise ConfigurationError(f"multiple is {self.multiple}; give at least 1")
        if self.input_size is None:
            if self.multiple is None:
                raise ConfigurationError(
                    f"input_size ({', '.join(self.axes)}) is missing; add it, or, for a network "
                    "that takes any size, multiple: the number that its sides are multiples of"
                )
            return
        self._check_count("input_size", self.input_size)
        if min(self.input_size) < 1:
            raise ConfigurationError(
                f"input_size is {list(self.input_size)}; give numbers of at least 1"
            )
        if self.multiple and any(side % self.multiple for side in self.input_size):
            raise ConfigurationError(
                f"input_size is {list(self.input_size)}, whose sides are not all multiples of "
                f"multiple, {self.multiple}; correct one of the two"
            )

    def _check_places(self) -> None:
        if self.spacing is not None:
            self._check_count("spacing", self.spacing)
            if not all(0 < step < math.inf for step in self.spacing):
                raise ConfigurationError(
                    f"spacing is {list(self.spacing)}; give millimeters above 0"
                )
        if self.orientation is None:
            return
        found = [end for letter in self.orientation for end in _ENDS if letter in end]
        if len(self.orientation) != 3 or sorted(found) != sorted(_ENDS):
            raise ConfigurationError(
                f"orientation is {self.orientation!r}; give three letters, where columns, rows and "
                'slices increase to: L or R, P or A, S or I, such as "LPS"'
            )

    def _check_count(self, key: str, values: tuple[float, ...]) -> None:
        if len(values) != len(self.axes):
            raise ConfigurationError(
                f"{key} is {list(values)}; a {self.kind} network needs {len(self.axes)} numbers: "
                f"{', '.join(self.axes)}"
            )
