"""``saim igniter``: begin with the proposals of somebody else's model."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import add_device_argument, add_project_argument
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.igniter_display import igniter_document, show_igniter
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ConfigurationError, ProjectError, SaimError

if TYPE_CHECKING:
    from SAIMCore.igniter.class_mapping import ClassMapping
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

FILE_HELP = (
    "the folder of a model of SAIM, a TorchScript (.pt, .ts) or ONNX file with a description "
    "beside it, or a folder of labelmaps made elsewhere"
)
MAPPING_HELP = (
    "what each of its classes becomes: 'liver=liver,kidneys=left kidney+right kidney,spleen=' "
    "(several, or none), or a .toml or .json file that says so (default: the class of the same "
    "name)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Without an action it is said what proposes labels now. An igniter proposes until the "
        "project's own model is better without clicks on the same validation series; its proposals "
        "never count as annotated."
    )
    add_project_argument(parser)
    add_json_argument(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action")
    parser.set_defaults(action="show")
    show = actions.add_parser("show", help="say what proposes labels now, and why (default)")
    choose = actions.add_parser(
        "set", help="let it propose from now on, after it was tried on the project's series"
    )
    choose.add_argument("file", metavar="FILE", type=Path, help=FILE_HELP)
    choose.add_argument("--mapping", metavar="M", help=MAPPING_HELP)
    choose.add_argument(
        "--description",
        type=Path,
        metavar="TOML",
        help="description of a network (default: the file of the same name, with .toml, beside it)",
    )
    check = actions.add_parser("check", help="try it on series, and write nothing")
    propose = actions.add_parser(
        "propose", help="keep its proposals for series, so that they open with them at once"
    )
    for action in (check, propose):
        which = "all" if action is check else "all of the pool"
        action.add_argument(
            "series", nargs="*", metavar="SERIES", help=f"names of series (default: {which})"
        )
    remove = actions.add_parser("remove", help="leave all proposals to the project's own models")
    for action in (choose, check, propose):
        add_device_argument(action)
    for action in (show, choose, check, propose, remove):
        # Without a default of its own: it would undo the --json before the action.
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    from SAIMCore.project.project import Project

    console = Console(options.json)
    if options.action in ("show", "check"):
        with Project.open(options.project, read_only=True) as project:
            if options.action == "check":
                return _check(console, project, options)
            document = igniter_document(project)
            show_igniter(console, document)
            console.result(document)
            return 0
    with open_for_writing(console, options.project) as project:
        if options.action == "propose":
            return _propose(console, project, options)
        if options.action == "set":
            _set(console, project, options)
        else:
            _remove(console, project)
    return 0


def _set(console: Console, project: Project, options: argparse.Namespace) -> None:
    from SAIMCore.project.igniter_record import set_igniter
    from SAIMCore.rounds.igniter_choice import find_igniter, igniter_settings, try_igniter
    from SAIMCore.rounds.proposer import review_igniter

    names = project.classes.names
    found = find_igniter(options.file.absolute(), names, _absolute(options.description))
    mapping = found.mapping if options.mapping is None else _mapping(options.mapping)
    mapping.check(found.class_names, names)
    chosen = igniter_settings(project.folder, found.path, mapping, found.description)
    with console.progress("trying the igniter") as bar:
        tried = try_igniter(project, chosen, options.device, bar)
    set_igniter(project, tried.record)
    # There may be a model that is better already.
    review_igniter(project, options.device)
    document = igniter_document(project)
    show_igniter(console, document)
    for note in tried.notes:
        console.warn(note)
    console.result({**document, "notes": tried.notes})


def _mapping(text: str) -> ClassMapping:
    from SAIMCore.igniter.class_mapping import ClassMapping

    return ClassMapping.from_text(text)


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def _check(console: Console, project: Project, options: argparse.Namespace) -> int:
    """Let the igniter propose for every series; 2 when something is wrong with one of them."""
    from SAIMCore.project.igniter import igniter_series, open_project_igniter

    names = _named(project, options.series, [record.name for record in project.series()])
    igniter = open_project_igniter(project.folder, project.settings, options.device)

    def check(name: str) -> None:
        for _ in igniter.proposals(igniter_series(project, name)):
            pass

    without, problems = _for_each(console, names, "checking", igniter.no_proposal, check)
    proposed = len(names) - len(without) - len(problems)
    console.say(f"{igniter.name} has proposals for {proposed} of {len(names)} series")
    _tell(console, without, problems)
    console.result({"igniter": igniter.version, "without": without, "problems": problems})
    return 2 if problems else 0


def _propose(console: Console, project: Project, options: argparse.Namespace) -> int:
    """Keep proposals as sessions; 2 when something is wrong with one of them."""
    from SAIMCore.campaign.proposals import Proposals
    from SAIMCore.project.igniter import open_project_igniter
    from SAIMCore.rounds.proposer import Proposing, who_proposes

    names = _named(project, options.series, [record.name for record in project.pool()])
    proposer = who_proposes(project)
    if proposer.kind is not Proposing.IGNITER:
        if project.settings.igniter is None:
            # It says what to do.
            open_project_igniter(project.folder, project.settings)
        raise ProjectError(
            f"the igniter does not propose any more: {proposer.sentence}; set it again to go back"
        )
    proposals = Proposals(project, options.device)
    written: list[str] = []
    left: list[str] = []

    def propose(name: str) -> None:
        (written if proposals.write(name, proposer) else left).append(name)

    without, problems = _for_each(console, names, "proposing for", proposals.no_proposal, propose)
    console.say(
        f"proposed labels for {len(written)} series; {len(left)} were left as they are, because "
        "they are annotated, somebody works on them, or they had these proposals"
    )
    _tell(console, without, problems)
    console.result({"proposed": written, "left": left, "without": without, "problems": problems})
    return 2 if problems else 0


def _for_each(
    console: Console,
    names: Sequence[str],
    doing: str,
    no_proposal: Callable[[str], str | None],
    act: Callable[[str], None],
) -> tuple[dict[str, str], dict[str, str]]:
    """Do that to all series; why some have no proposal, and what is wrong with others, by name."""
    without: dict[str, str] = {}
    problems: dict[str, str] = {}
    with console.progress(f"{doing} {len(names)} series") as bar:
        for done, name in enumerate(names):
            bar(done, len(names), f"{doing} {name}")
            reason = no_proposal(name)
            if reason is not None:
                without[name] = reason
                continue
            try:
                act(name)
            except SaimError as error:
                problems[name] = f"series {name!r}: {error}"
    return without, problems


def _remove(console: Console, project: Project) -> None:
    from SAIMCore.project.igniter_record import remove_igniter

    if project.settings.igniter is None:
        raise ConfigurationError(f"the project {project.folder} has no igniter to remove")
    remove_igniter(project)
    document = igniter_document(project)
    console.say("the igniter is removed; what it proposed stays until a model proposes anew")
    show_igniter(console, document)
    console.result(document)


def _named(project: Project, given: Sequence[str], default: Sequence[str]) -> Sequence[str]:
    """The series to go through. Raises ProjectError for an unknown one, before any is begun."""
    for name in given:
        project.series_named(name)
    return given or default


def _tell(console: Console, without: dict[str, Any], problems: dict[str, str]) -> None:
    for sentence in (*without.values(), *problems.values()):
        console.warn(sentence)
