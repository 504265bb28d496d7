"""What proposes labels in a project, as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.measurements import show_measurements

if TYPE_CHECKING:
    from SAIMCore.cli.console import Console
    from SAIMCore.project.project import Project

__all__ = ["igniter_document", "show_igniter"]


def igniter_document(project: Project) -> dict[str, Any]:
    """Who proposes, the igniter with what it was measured with, and the switch if there was one."""
    from SAIMCore.project.igniter_record import read_igniter_record
    from SAIMCore.rounds.proposer import who_proposes

    proposer, chosen = who_proposes(project), project.settings.igniter
    document: dict[str, Any] = {
        "proposer": proposer.kind.value,
        "version": proposer.version,
        "sentence": proposer.sentence,
        "igniter": None,
    }
    if chosen is None:
        return document
    record = read_igniter_record(project)
    document["igniter"] = {
        "path": chosen.path,
        "description": chosen.description,
        "mapping": {name: list(targets) for name, targets in chosen.mapping.items()},
        "version": None if record is None else record.version,
        "validation": None if record is None else record.figures,
        "switch": None if record is None or record.switch is None else asdict(record.switch),
    }
    return document


def show_igniter(console: Console, document: dict[str, Any]) -> None:
    """Print it for a person."""
    console.say(document["sentence"])
    igniter = document["igniter"]
    if igniter is None:
        return
    console.table(
        ("class of the igniter", "becomes"),
        [
            (name, " + ".join(targets) or "background")
            for name, targets in igniter["mapping"].items()
        ],
    )
    figures = igniter["validation"]
    if figures is not None and figures["clicks"]:
        show_measurements(console, f"{igniter['path']} on validation", figures["clicks"])
