"""``saim models``: list, restore and export the models of a project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.campaign.model_export import FORMATS, export_model
from SAIMCore.cli.arguments import add_project_argument
from SAIMCore.cli.chosen_model import model_folder
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.measurements import percent
from SAIMCore.cli.writable_project import open_for_writing

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = "Without an action the models are listed."
    add_project_argument(parser)
    add_json_argument(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action")
    parser.set_defaults(action="list")
    listing = actions.add_parser("list", help="list all models (default)")
    restore = actions.add_parser("restore", help="make an earlier model the shared one again")
    restore.add_argument("version", metavar="VERSION", help="version of the model")
    restore.add_argument(
        "--even-if-worse",
        action="store_true",
        help="also a model that was not published, because it was worse",
    )
    export = actions.add_parser("export", help="write a model for other programs")
    export.add_argument("version", metavar="VERSION", help="version of the model, or 'current'")
    export.add_argument(
        "--format",
        choices=FORMATS,
        required=True,
        help="torchscript and onnx are checked against PyTorch; folder is what SAIM reads",
    )
    export.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="file or folder to write"
    )
    export.add_argument("--overwrite", action="store_true", help="replace an existing file")
    for action in (listing, restore, export):
        # Without a default of its own: it would undo the --json before the action.
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )


def run(options: argparse.Namespace) -> int:
    """List, restore or export."""
    from SAIMCore.project.project import Project

    console = Console(options.json)
    if options.action == "restore":
        with open_for_writing(console, options.project) as project:
            _restore(console, project, options.version, options.even_if_worse)
        return 0
    with Project.open(options.project, read_only=True) as project:
        if options.action == "export":
            _export(console, project, options)
        else:
            _list(console, project)
    return 0


def _list(console: Console, project: Project) -> None:
    models = project.models.all()
    console.table(
        ("", "model", "validation mIoU", "test mIoU", "published", "from"),
        [
            (
                "current" if model.current else "",
                model.version,
                percent(_overall(model.validation)),
                percent(_overall(model.test)),
                model.published[:16] if model.published else "never",
                model.parent,
            )
            for model in models
        ],
    )
    if not models:
        console.say(f"there is no model yet; train one with 'saim train {project.folder}'")
    else:
        console.say("mIoU in %, averaged over the numbers of clicks")
    console.result([_entry(model) for model in models])


def _overall(metrics: Any) -> float | None:
    return None if metrics is None else metrics["overall"]


def _entry(model: ModelRecord) -> dict[str, Any]:
    return {
        "version": model.version,
        "current": model.current,
        "round": model.round,
        "folder": str(model.folder),
        "parent": model.parent,
        "created": model.created,
        "published": model.published,
        "validation_miou": _overall(model.validation),
        "test_miou": _overall(model.test),
    }


def _restore(console: Console, project: Project, version: str, even_if_worse: bool) -> None:
    models = project.models
    current = models.publish(version) if even_if_worse else models.restore(version)
    console.say(f"{current.version} is the shared model now")
    console.result(_entry(current))


def _export(console: Console, project: Project, options: argparse.Namespace) -> None:
    output: Path = options.output
    folder = model_folder(project, options.version)
    with console.progress(f"exporting as {options.format}"):
        sentence = export_model(folder, output, options.format, overwrite=options.overwrite)
    console.say(sentence)
    console.result(
        {
            "model": folder.name,
            "format": options.format,
            "output": str(output),
            "sentence": sentence,
        }
    )
