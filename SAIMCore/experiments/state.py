"""How far an emulated scenario has come, beyond what the project itself records."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from SAIMCore.data.atomic import disk_errors_named, write_json
from SAIMCore.errors import ProjectError
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.project.project import Project

__all__ = ["STATE_FILE", "EmulationState", "RoundState"]

STATE_FILE = "emulation.json"
FORMAT_VERSION = 1


@dataclass
class RoundState:
    """One emulated round.

    queue: the series chosen for it. after: the project's last round when its training began, so
    that the training is recognized whatever was killed. project_round, model: its outcome.
    """

    queue: list[str]
    after: int | None = None
    project_round: int | None = None
    model: str | None = None


@dataclass
class EmulationState:
    """Kept in ``folder`` as one JSON file that is written at once.

    initial, pool: names of the series that were annotated, and not, when the emulation began.
    annotations: clicks, slices and agreement with the reference labels of what it annotated.
    """

    folder: Path
    project: str
    options: dict[str, Any]
    initial: list[str]
    pool: list[str]
    rounds: list[RoundState] = field(default_factory=list)
    annotations: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, project: Project, options: EmulationOptions) -> EmulationState:
        """Take up the emulation in ``options.folder``, or begin one there.

        Raises ProjectError when the folder holds one of another project or with other options.
        """
        path = options.folder / STATE_FILE
        if path.is_file():
            state = cls._read(path)
            state._check(project, options)
            return state
        return cls(
            options.folder,
            project.settings.created,
            options.identity(),
            [record.name for record in project.training_series()],
            [record.name for record in project.pool()],
        )

    @property
    def begun(self) -> bool:
        """Whether anything was done yet."""
        return bool(self.rounds)

    def save(self) -> None:
        """Write the file, complete or not at all."""
        content = asdict(self)
        del content["folder"]
        with disk_errors_named(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / STATE_FILE, {"format_version": FORMAT_VERSION, **content})

    @classmethod
    def _read(cls, path: Path) -> EmulationState:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            version = content.pop("format_version")
            if version > FORMAT_VERSION:
                raise ProjectError(
                    f"{path} has format {version}, this SAIM reads up to {FORMAT_VERSION}; "
                    "update SAIM"
                )
            rounds = [RoundState(**entry) for entry in content.pop("rounds")]
            return cls(folder=path.parent, rounds=rounds, **content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProjectError(
                f"{path} is damaged ({error}); restore it from a backup, or emulate a new project "
                "with another report folder"
            ) from error

    def _check(self, project: Project, options: EmulationOptions) -> None:
        if self.project != project.settings.created:
            raise ProjectError(
                f"{self.folder} holds the emulation of another project; choose another report "
                "folder"
            )
        asked = options.identity()
        for name, before, now in _differences(self.options, asked):
            raise ProjectError(
                f"the emulation in {self.folder} was begun with {name} {before}, now it is {now}; "
                "go on with the same options, or emulate a new project with another report folder"
            )


def _differences(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    flat_before = {**before, **before.get("training", {})}
    flat_now = {**now, **now["training"]}
    return [
        (name, flat_before.get(name), flat_now.get(name))
        for name in sorted((flat_before.keys() | flat_now.keys()) - {"training"})
        if flat_before.get(name) != flat_now.get(name)
    ]
