"""What is known of a project's igniter, beside its settings: ``igniter.json``."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from SAIMCore.data.atomic import disk_errors_named, write_json
from SAIMCore.errors import ProjectError
from SAIMCore.project.kept_json import damage_said
from SAIMCore.project.sections import from_section, to_section
from SAIMCore.project.settings import IgniterSettings

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = [
    "IGNITER_FILE",
    "IgniterRecord",
    "Switch",
    "keep_figures",
    "keep_switch",
    "note_igniter_version",
    "read_igniter_record",
    "remove_igniter",
    "set_igniter",
]

IGNITER_FILE = "igniter.json"
FORMAT = 1
# Preparation, ranking and measuring are threads of one process, and any of them may open it.
_CHANGING = threading.RLock()


@dataclass(frozen=True)
class Switch:
    """From then on the project's own model proposes, which was ``model`` at that time.

    when: UTC, ISO 8601. sustainer, igniter: mIoU (0 to 1) of the model without clicks and of the
    igniter on the same validation series, None where nobody could tell. where: on which of them,
    when it is not all.
    """

    model: str
    when: str
    sustainer: float | None = None
    igniter: float | None = None
    where: str = ""


@dataclass(frozen=True)
class IgniterRecord:
    """What is known of the igniter ``chosen``, whose content has this ``version``.

    figures: what it was measured with (``SAIMCore.rounds.igniter_figures``). switch: None while
    the igniter proposes.
    """

    chosen: IgniterSettings
    version: str
    figures: Mapping[str, Any] | None = None
    switch: Switch | None = None


def read_igniter_record(project: Project) -> IgniterRecord | None:
    """What is known of the project's igniter; None where it has none, or nothing is known yet.

    Raises ProjectError when the file is damaged.
    """
    chosen = project.settings.igniter
    path = project.folder / IGNITER_FILE
    if chosen is None:
        return None
    try:
        with damage_said(path, ", and the igniter is measured again"):
            content = json.loads(path.read_text(encoding="utf-8"))
            record = IgniterRecord(
                from_section(IgniterSettings, content["igniter"], "igniter"),
                content["version"],
                content["figures"],
                None if content["switch"] is None else Switch(**content["switch"]),
            )
    except FileNotFoundError:
        project.require_reachable()
        return None
    # What was known of an igniter before it says nothing about this one.
    return record if record.chosen == chosen else None


def note_igniter_version(project: Project, chosen: IgniterSettings, version: str) -> IgniterRecord:
    """What is known of the igniter ``chosen`` now that it was opened and has this ``version``.

    Figures of other content are forgotten. Nothing is written where another one was set while it
    was being opened. Raises ProjectError when the project has no igniter.
    """
    with _CHANGING:
        known = read_igniter_record(project)
        if project.settings.igniter is None:
            raise ProjectError(f"the project {project.folder} has no igniter any more; set one")
        if project.settings.igniter != chosen:
            return IgniterRecord(chosen, version)
        if known is not None and known.version == version:
            return known
        record = IgniterRecord(chosen, version, switch=None if known is None else known.switch)
        if not project.read_only:
            _write(project, record)
        return record


def keep_figures(
    project: Project, chosen: IgniterSettings, version: str, figures: Mapping[str, Any]
) -> IgniterRecord:
    """Keep what the igniter ``chosen`` of this ``version`` was measured with.

    Raises ProjectError when the project cannot be written, or has no igniter.
    """
    with _CHANGING:
        record = replace(note_igniter_version(project, chosen, version), figures=figures)
        return _keep(project, record)


def keep_switch(project: Project, record: IgniterRecord, switch: Switch) -> IgniterRecord:
    """Let the project's own models propose from now on. Raises ProjectError as ``keep_figures``."""
    with _CHANGING:
        noted = note_igniter_version(project, record.chosen, record.version)
        return _keep(project, replace(noted, switch=switch))


def set_igniter(project: Project, record: IgniterRecord) -> None:
    """Let ``record.chosen`` propose from now on, whatever proposed before.

    Raises ProjectError when the project cannot be written; the one before then stays.
    """
    # In this order: what is kept of another igniter than the settings name counts for nothing.
    with _CHANGING:
        _write(project, record)
        project.change_settings(igniter=record.chosen)


def remove_igniter(project: Project) -> None:
    """Leave all proposals to the project's own models. Raises ProjectError as ``set_igniter``."""
    file = project.folder / IGNITER_FILE
    with _CHANGING, disk_errors_named(file):
        project.change_settings(igniter=None)
        file.unlink(missing_ok=True)


def _keep(project: Project, record: IgniterRecord) -> IgniterRecord:
    """Write ``record``, unless another igniter was set meanwhile."""
    if record.chosen == project.settings.igniter:
        _write(project, record)
    return record


def _write(project: Project, record: IgniterRecord) -> None:
    project.require_writable()
    write_json(
        project.folder / IGNITER_FILE,
        {
            "format": FORMAT,
            "igniter": to_section(record.chosen),
            "version": record.version,
            "figures": record.figures,
            "switch": None if record.switch is None else asdict(record.switch),
        },
    )
