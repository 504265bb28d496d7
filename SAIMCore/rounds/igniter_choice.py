"""Setting the igniter of a project: tried on its series before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.evaluation import EvaluationStopped
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.project.igniter import igniter_series, open_set_igniter
from SAIMCore.project.igniter_record import IgniterRecord
from SAIMCore.project.settings import IgniterSettings
from SAIMCore.rounds.igniter_figures import igniter_figures

if TYPE_CHECKING:
    import torch

    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.project.project import Project

__all__ = ["FoundIgniter", "TriedIgniter", "find_igniter", "igniter_settings", "try_igniter"]


@dataclass(frozen=True)
class FoundIgniter:
    """A file or folder that can be an igniter.

    class_names: its classes, background first. mapping: what is known of them by their names
    alone; classes that are missing in it are to be mapped by a person.
    """

    name: str
    path: Path
    description: Path | None
    class_names: tuple[str, ...]
    mapping: ClassMapping


@dataclass(frozen=True)
class TriedIgniter:
    """An igniter that can be used in a project, and what is known of it then.

    never: classes of the project that it cannot propose. without: why series have no proposal.
    """

    name: str
    record: IgniterRecord
    never: tuple[str, ...]
    without: dict[str, str]

    @property
    def notes(self) -> list[str]:
        """What a person should know about it, in sentences."""
        notes = []
        if self.never:
            notes.append(
                f"{self.name} never proposes {', '.join(self.never)}, which is to be drawn or "
                "clicked from the start"
            )
        if self.without:
            first = next(iter(self.without.values()))
            notes.append(f"{len(self.without)} series have no proposal: {first}")
        return notes


def find_igniter(
    path: Path, names: tuple[str, ...], description: Path | None = None
) -> FoundIgniter:
    """Look at the igniter at ``path`` for a project whose classes have these ``names``.

    Raises what ``open_igniter`` raises.
    """
    igniter = open_igniter(path, "cpu", description)
    mapping = ClassMapping.by_name(igniter.class_names, names)
    return FoundIgniter(igniter.name, path, description, igniter.class_names, mapping)


def igniter_settings(
    folder: Path, path: Path, mapping: ClassMapping, description: Path | None = None
) -> IgniterSettings:
    """What the settings of the project in ``folder`` say about an igniter.

    Paths inside the project are kept as they are in it, so that it can be moved.
    """
    return IgniterSettings(
        _as_kept(folder, path),
        dict(mapping.entries),
        None if description is None else _as_kept(folder, description),
    )


def try_igniter(
    project: Project,
    chosen: IgniterSettings,
    device: str | torch.device = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TriedIgniter:
    """Open ``chosen``, measure it on the validation series, or else try it on one of the others.

    Writes nothing. ``progress`` is told (series done, series in all).

    Raises what is wrong with it (``open_set_igniter``, ``MappedIgniter.proposals``), ProjectError
    when it has a proposal for none of the series, and EvaluationStopped.
    """
    igniter = open_set_igniter(project.folder, project.settings, chosen, device)
    names = [record.name for record in project.series()]
    reasons = {name: igniter.no_proposal(name) for name in names}
    without = {name: reason for name, reason in reasons.items() if reason is not None}
    if names and len(without) == len(names):
        raise ProjectError(
            f"{igniter.name} has a proposal for none of the {len(names)} series of the project: "
            f"{without[names[0]]}; name its labelmaps like the series"
        )
    figures = igniter_figures(project, igniter, progress, should_stop)
    if not figures["clicks"]:
        known = [name for name in names if name not in without]
        _try_on_one(project, igniter, known, should_stop)
    return TriedIgniter(
        igniter.name, IgniterRecord(chosen, igniter.version, figures), igniter.never, without
    )


def _try_on_one(
    project: Project, igniter: MappedIgniter, names: list[str], should_stop: Callable[[], bool]
) -> None:
    """Let it propose for the first of the series that can be read."""
    problem: SaimError | None = None
    for name in names:
        try:
            project.require_unchanged(project.series_named(name))
        except SaimError as error:
            problem = problem or error
            continue
        for _ in igniter.proposals(igniter_series(project, name), should_stop=should_stop):
            pass
        if should_stop():
            raise EvaluationStopped
        return
    if problem is not None:
        raise problem


def _as_kept(folder: Path, path: Path) -> str:
    absolute = path.absolute()
    try:
        return absolute.relative_to(folder).as_posix()
    except ValueError:
        return str(absolute)
