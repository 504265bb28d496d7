"""Small tables that people write, in TOML or JSON: every mistake in them is one sentence."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from SAIMCore.errors import ConfigurationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Table", "read_table"]


def read_table(path: Path) -> Mapping[str, Any]:
    """The content of the TOML file ``path``, or of the JSON file where it ends with ``.json``.

    Raises ConfigurationError when it cannot be read, is neither, or holds no table.
    """
    kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if kind == "JSON" else tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is no {kind} file ({error}); correct it") from error
    if not isinstance(content, Mapping):
        raise ConfigurationError(
            f"{path} holds a {type(content).__name__}; give a JSON object, with names and values"
        )
    return content


class Table:
    """The table called ``name`` ("" for the whole file); keys that are left out are None.

    Every method raises ConfigurationError naming the key, what was found and what to do.
    """

    def __init__(self, values: object, name: str = "", known: Sequence[str] = ()) -> None:
        if not isinstance(values, Mapping):
            raise ConfigurationError(
                f"{name} is {values!r}; make it a section, which begins with [{name}]"
            )
        self._values = values
        self._prefix = f"{name}." if name else ""
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ConfigurationError(
                f"the key {self._prefix}{unknown[0]} is unknown; known are {', '.join(known)}"
            )

    def required(self, key: str, meaning: str) -> object:
        """The value of ``key``, of any type; ``meaning`` tells what it would say."""
        if key not in self._values:
            raise ConfigurationError(f"{self._prefix}{key} is missing; add it: {meaning}")
        value: object = self._values[key]
        return value

    def choice(self, key: str, known: Sequence[str]) -> str:
        """One of the words ``known``, which must be there."""
        listed = ", ".join(f'"{word}"' for word in known)
        value = self.required(key, f"one of {listed}")
        if value not in known:
            raise self._wrong(key, value, f"one of {listed}")
        return str(value)

    def text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, value, "text in quotes")
        return value

    def whole(self, key: str) -> int | None:
        value = self._values.get(key)
        if value is not None and not _is_whole(value):
            raise self._wrong(key, value, "a whole number")
        return value

    def number(self, key: str) -> float | None:
        value = self._values.get(key)
        if value is not None and not _is_number(value):
            raise self._wrong(key, value, "a number")
        return None if value is None else float(value)

    def wholes(self, key: str, meaning: str) -> tuple[int, ...] | None:
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(_is_whole(part) for part in value):
            raise self._wrong(key, value, f"a list of whole numbers ({meaning})")
        return tuple(value)

    def numbers(self, key: str, meaning: str) -> tuple[float, ...] | None:
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(_is_number(part) for part in value):
            raise self._wrong(key, value, f"a list of numbers ({meaning})")
        return tuple(float(part) for part in value)

    def texts(self, key: str, meaning: str, *, optional: bool = False) -> tuple[str, ...]:
        """A list of names, which must be there, or, if it is ``optional``, may be left out."""
        if optional and key not in self._values:
            return ()
        value = self.required(key, meaning)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise self._wrong(key, value, f"a list of texts in quotes ({meaning})")
        return tuple(value)

    def _wrong(self, key: str, value: object, wanted: str) -> ConfigurationError:
        return ConfigurationError(f"{self._prefix}{key} is {value!r}; give {wanted}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
