"""``project.toml``: what a person may read and change about a project."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import tomli_w

from SAIMCore.classes import ClassTable
from SAIMCore.data.atomic import write_text
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ClassTableError, ConfigurationError, ProjectError
from SAIMCore.project.sections import from_section, to_section
from SAIMCore.training.configuration import TrainingConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "LARGEST_GROWTH",
    "SETTINGS_FILE",
    "AutomaticTraining",
    "IgniterSettings",
    "MemorySettings",
    "NetworkSettings",
    "ProjectSettings",
    "PublishSettings",
    "SelectionSettings",
]

SETTINGS_FILE = "project.toml"
FORMAT = 1
# More is a slip of the finger: the third round would take a hundred times the first.
LARGEST_GROWTH = 10


@dataclass(frozen=True)
class MemorySettings:
    """The interaction memory: ``variant`` is a name in ``MEMORY_VARIANTS``."""

    variant: str = "sequential"
    depth: int = 3

    def __post_init__(self) -> None:
        if self.depth < 1:
            raise ConfigurationError(f"depth must be at least 1, found {self.depth}")


@dataclass(frozen=True)
class NetworkSettings:
    """The network: ``decoder`` is a name in ``NETWORKS``.

    size: height and width in pixels that slices are padded to, a multiple of 32; None takes the
    smallest that holds all slices.
    """

    encoder: str = "resnet34"
    decoder: str = "convlstm"
    size: int | None = None

    def __post_init__(self) -> None:
        if self.size is not None and (self.size < 32 or self.size % 32):
            raise ConfigurationError(f"size must be a multiple of 32, found {self.size}")


@dataclass(frozen=True)
class SelectionSettings:
    """Which series come next: the acquisition ``strategy`` and how many series a queue holds.

    budget_minutes: how long a session shall take; None: no matter how long.
    """

    strategy: str = "entropy"
    query_size: int = 10
    budget_minutes: float | None = None

    def __post_init__(self) -> None:
        if self.query_size < 1:
            raise ConfigurationError(f"query_size must be at least 1, found {self.query_size}")
        if self.budget_minutes is not None and not 0 < self.budget_minutes < math.inf:
            raise ConfigurationError(
                f"budget_minutes must be above 0, found {self.budget_minutes}; leave it out where "
                "time does not matter"
            )


@dataclass(frozen=True)
class AutomaticTraining:
    """When training starts by itself: after ``accepted`` series since the last one, if ``enabled``.

    fine_tune: it goes on from the current model instead of training anew. growth: every further
    round takes so many times the series of the one before (1: all rounds are of one size).

    Ma et al. (igniter and sustainer), section 2.2, update the model often in the early rounds, in
    which a series costs most and teaches most. They give no schedule, but its ends: 15 series in
    the first round, 57 in the last, 551 in all. From 15 on, a growth of 1.5 takes 484 of them in
    seven rounds and leaves 67 for the last, which is close to that.
    """

    enabled: bool = True
    accepted: int = 10
    fine_tune: bool = False
    growth: float = 1.5

    def __post_init__(self) -> None:
        if self.accepted < 1:
            raise ConfigurationError(f"accepted must be at least 1, found {self.accepted}")
        if not 1 <= self.growth <= LARGEST_GROWTH:
            raise ConfigurationError(
                f"growth must be between 1 (rounds of one size) and {LARGEST_GROWTH}, found "
                f"{self.growth}"
            )


@dataclass(frozen=True)
class PublishSettings:
    """How much validation mIoU (0 to 1) a new model may lose and still be published."""

    margin: float = 0.02

    def __post_init__(self) -> None:
        if not 0 <= self.margin <= 1:
            raise ConfigurationError(f"margin must be between 0 and 1, found {self.margin}")


@dataclass(frozen=True)
class IgniterSettings:
    """What proposes labels while the project has no better model of its own.

    path: the igniter (see ``open_igniter``), description: its TOML file where that is not beside
    it; relative to the project's folder. mapping: each of its classes with those here that it
    becomes (see ``ClassMapping``).
    """

    path: str
    mapping: dict[str, tuple[str, ...]]
    description: str | None = None


@dataclass(frozen=True)
class ProjectSettings:
    """Everything in ``project.toml``.

    created: UTC, ISO 8601. database: an SQLAlchemy URL, None for SQLite in the project's folder.
    igniter: None where all proposals come from the project's own models.
    """

    name: str
    created: str
    classes: ClassTable
    database: str | None = None
    memory: MemorySettings = MemorySettings()
    network: NetworkSettings = NetworkSettings()
    preprocessing: PreprocessingOptions = PreprocessingOptions()
    training: TrainingConfig = TrainingConfig()
    selection: SelectionSettings = SelectionSettings()
    publish: PublishSettings = PublishSettings()
    automatic_training: AutomaticTraining = AutomaticTraining()
    igniter: IgniterSettings | None = None

    def write(self, folder: Path) -> None:
        """Write ``project.toml`` to ``folder``, atomically."""
        content: dict[str, Any] = {"format": FORMAT, "name": self.name, "created": self.created}
        if self.database is not None:
            content["database"] = self.database
        content["classes"] = self.classes.to_json()
        for name in _SECTIONS:
            content[name] = to_section(getattr(self, name))
        if self.igniter is not None:
            content[_IGNITER] = to_section(self.igniter)
        write_text(folder / SETTINGS_FILE, tomli_w.dumps(content))

    @classmethod
    def read(cls, folder: Path) -> ProjectSettings:
        """Read ``project.toml`` of ``folder``.

        Raises ProjectError when it is missing or no TOML, ConfigurationError or ClassTableError
        naming the key when it says something that cannot be.
        """
        path = folder / SETTINGS_FILE
        content = _parse(path)
        try:
            return _from_content(content)
        except (ConfigurationError, ClassTableError) as error:
            raise type(error)(f"{path}: {error}") from error


_SECTIONS: dict[str, type] = {
    field.name: type(field.default)
    for field in fields(ProjectSettings)
    if is_dataclass(field.default)
}
_IGNITER = "igniter"


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProjectError(
            f"{path.parent} is no project (it has no {path.name}); give the folder of a project, "
            "or make one with 'saim init'"
        ) from error
    except OSError as error:
        raise ProjectError(f"{path} cannot be read ({error.strerror}); make it readable") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(
            f"{path} is damaged: {error}; correct it or restore it from a backup"
        ) from error


def _from_content(content: Mapping[str, Any]) -> ProjectSettings:
    _check_format(content)
    known = {"format", "name", "created", "database", "classes", _IGNITER, *_SECTIONS}
    unknown = sorted(set(content) - known)
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]}; known are {', '.join(sorted(known))}")
    rows = content.get("classes")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ConfigurationError(f"classes must be a list of [[classes]] entries, found {rows!r}")
    sections: dict[str, Any] = {
        name: from_section(kind, content.get(name, {}), name) for name, kind in _SECTIONS.items()
    }
    if _IGNITER in content:
        sections[_IGNITER] = from_section(IgniterSettings, content[_IGNITER], _IGNITER)
    database = _text(content, "database") if "database" in content else None
    return ProjectSettings(
        name=_text(content, "name"),
        created=_text(content, "created"),
        classes=ClassTable.from_json(rows),
        database=database,
        **sections,
    )


def _check_format(content: Mapping[str, Any]) -> None:
    found = content.get("format")
    if type(found) is not int or found < 1:
        raise ConfigurationError(f"format must be {FORMAT}, found {found!r}")
    if found > FORMAT:
        raise ConfigurationError(f"format is {found}, this SAIM reads up to {FORMAT}; update SAIM")


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{key} must be text in quotes, found {value!r}")
    return value
