"""``--classes``: names with label values, or a file of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.errors import ClassTableError

if TYPE_CHECKING:
    from SAIMCore.classes import ClassTable

__all__ = ["CLASSES_HELP", "class_table"]

CLASSES_HELP = (
    "class names in the order of their label values from 0, like background,liver,tumor, or with "
    "their values, like liver=63,tumor=2; --classes 'background,liver,tumor<liver' (in quotes, "
    "which keep the sign from the shell) says that tumors lie within the liver; or a JSON file "
    "with a list of name, value and optionally color and within"
)


def class_table(text: str | None) -> ClassTable | None:
    """The classes that ``text`` names: a list with commas, or a ``.json`` file.

    Raises ClassTableError when they cannot be read or contradict each other.
    """
    if text is None:
        return None
    from SAIMCore.classes import ClassTable

    if not text.lower().endswith(".json"):
        return ClassTable.from_names(text.split(","))
    path = Path(text)
    rows = _rows(path)
    try:
        return ClassTable.from_json(rows)
    except ClassTableError as error:
        raise ClassTableError(f"{path}: {error}") from error


def _rows(path: Path) -> list[Mapping[str, object]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClassTableError(
            f"{path} cannot be read ({error.strerror}); check the path"
        ) from error
    except ValueError as error:
        raise ClassTableError(f"{path} is no JSON file ({error}); correct it") from error
    if not isinstance(content, list) or not all(isinstance(row, Mapping) for row in content):
        raise ClassTableError(
            f'{path} must hold a list of classes, like [{{"name": "liver", "value": 63}}, ...]'
        )
    return content
