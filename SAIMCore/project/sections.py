"""Option classes (dataclasses) as sections of a settings file, checked key by key."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from SAIMCore.errors import ConfigurationError

__all__ = ["from_section", "to_section"]

Options = TypeVar("Options")

_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
}


def to_section(options: Any) -> dict[str, Any]:
    """The fields of the dataclass ``options``; those that are None are left out, as TOML asks."""
    section: dict[str, Any] = {}
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if dataclasses.is_dataclass(value):
            section[field.name] = to_section(value)
        elif value is not None:
            section[field.name] = _plain(value)
    return section


def from_section(kind: type[Options], section: object, where: str) -> Options:
    """Make a ``kind`` (a dataclass) of ``section``; a key that is left out takes its default.

    Raises ConfigurationError naming the key (``where`` comes before it) and what was found when a
    key is unknown, missing without a default, or has a value of another type.
    """
    if not isinstance(section, Mapping):
        raise ConfigurationError(f"[{where}] must be a section, found {section!r}")
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(section) - set(fields))
    if unknown:
        raise ConfigurationError(
            f"unknown key {where}.{unknown[0]}; known are {', '.join(sorted(fields))}"
        )
    values = {key: _checked(hints[key], value, f"{where}.{key}") for key, value in section.items()}
    try:
        return kind(**values)
    except ConfigurationError as error:
        raise ConfigurationError(f"in [{where}]: {error}") from error
    except TypeError as error:
        missing = ", ".join(
            name
            for name, field in fields.items()
            if name not in values
            and field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        )
        raise ConfigurationError(f"[{where}] lacks {missing}; add it") from error


def _plain(value: Any) -> Any:
    """``value`` with lists for tuples."""
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _checked(hint: Any, value: Any, key: str) -> Any:
    """``value`` when it is of the type ``hint``, with whole numbers standing for numbers."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if dataclasses.is_dataclass(hint):
        return from_section(hint, value, key)  # type: ignore[arg-type]
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ConfigurationError(f"{key} must be a list, found {value!r}")
        parts = typing.get_args(hint)
        return tuple(_checked(parts[0], entry, key) for entry in value)
    if typing.get_origin(hint) is dict:
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{key} must be a section, found {value!r}")
        _, kind = typing.get_args(hint)
        return {name: _checked(kind, entry, f"{key}.{name}") for name, entry in value.items()}
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ConfigurationError(f"{key} must be {_WORDS[hint]}, found {value!r}")
    return value
