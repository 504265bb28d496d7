"""Which label value is which class, as data sets and people write it down.

nnU-Net (version 2) writes ``"labels": {"liver": 1}``, the Medical Segmentation Decathlon
``"labels": {"1": "liver"}``, in a ``dataset.json``. By hand a TOML file of any name is the
shortest::

    [labels]
    liver = 5
    "left kidney" = 3
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from SAIMCore.classes import BACKGROUND, ClassTable
from SAIMCore.data.tables import read_table
from SAIMCore.errors import ClassTableError, ConfigurationError

__all__ = ["classes_of_labels", "names_file", "read_label_names"]

_DATASET = "dataset.json"


def names_file(folder: Path) -> Path | None:
    """The file in ``folder`` that names the values: its TOML file, else ``dataset.json``, or None.

    Raises ConfigurationError when there are several TOML files.
    """
    found = sorted(folder.glob("*.toml"))
    if len(found) > 1:
        raise ConfigurationError(
            f"{folder} has {len(found)} TOML files ({', '.join(file.name for file in found)}); "
            "keep the one that names the label values"
        )
    if found:
        return found[0]
    dataset = folder / _DATASET
    return dataset if dataset.is_file() else None


def read_label_names(path: Path) -> ClassTable:
    """The classes that the file ``path`` gives to label values; background is 0.

    Raises ConfigurationError naming the file and what is wrong with it.
    """
    # A dataset.json says many other things, too.
    return classes_of_labels(path, read_table(path).get("labels"))


def classes_of_labels(path: Path, labels: object) -> ClassTable:
    """The classes of the section ``labels`` of the file ``path``, in either direction.

    Raises ConfigurationError naming the file, the label and what is wrong with it.
    """
    if not isinstance(labels, Mapping) or not labels:
        raise ConfigurationError(
            f"{path}: labels is {labels!r}; give names and values, in a TOML file a section "
            "[labels] with lines like liver = 5"
        )
    values: dict[int, str] = {}
    for key, entry in labels.items():
        name, value = (entry, key) if key.lstrip("-").isdigit() else (key, entry)
        number = _value(path, str(name), value)
        if values.setdefault(number, str(name)) != str(name):
            raise ConfigurationError(
                f"{path}: {values[number]!r} and {name!r} both have the value {number}; give each "
                "its own"
            )
    try:
        return ClassTable.from_values({0: BACKGROUND, **values})
    except ClassTableError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _value(path: Path, name: str, value: object) -> int:
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, list):
        raise ConfigurationError(
            f"{path}: the label {name!r} is a region of several values {value}; SAIM needs one "
            "value per class (a class may lie within another one), so write one for each"
        )
    raise ConfigurationError(
        f"{path}: the label {name!r} has the value {value!r}; give a whole number of at least 0"
    )
