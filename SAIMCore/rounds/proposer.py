"""Who proposes labels: the igniter, until the project's own model is better than it.

Method: Ma et al., *Rapid Model Transfer for Medical Image Segmentation via Iterative
Human-in-the-Loop Update*, 2022, section 2.1: the sustainer network takes over from the igniter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.project.clock import computer_time
from SAIMCore.project.igniter_record import (
    IgniterRecord,
    Switch,
    keep_figures,
    keep_switch,
    read_igniter_record,
)
from SAIMCore.rounds.comparison import CommonScores, annotated_since, common_scores

if TYPE_CHECKING:
    import torch

    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord

__all__ = ["Proposer", "Proposing", "igniter_is_measured", "review_igniter", "who_proposes"]

WITHOUT_CLICKS = "0"


class Proposing(Enum):
    """What proposes labels."""

    NOBODY = "nobody"
    IGNITER = "igniter"
    MODEL = "model"


@dataclass(frozen=True)
class Proposer:
    """Who proposes now, and why, in one sentence.

    version: that of the igniter or model; "" where nobody proposes or it was never opened.
    """

    kind: Proposing
    version: str
    sentence: str

    def same_as(self, other: Proposer) -> bool:
        """Whether both propose the same, whatever is said about it."""
        return (self.kind, self.version) == (other.kind, other.version)


def who_proposes(project: Project) -> Proposer:
    """Who proposes labels for the series of ``project``; opens neither igniter nor model.

    Raises ProjectError when the project cannot be read.
    """
    chosen, model = project.settings.igniter, project.models.current()
    if chosen is None and model is None:
        return Proposer(Proposing.NOBODY, "", "Nobody proposes: there is no model and no igniter.")
    if chosen is None:
        assert model is not None
        return Proposer(Proposing.MODEL, model.version, f"{model.version} proposes.")
    record = read_igniter_record(project)
    if model is not None and record is not None and record.switch is not None:
        sentence = switch_sentence(record.switch, _name(chosen.path))
        return Proposer(Proposing.MODEL, model.version, f"{model.version} proposes: {sentence}.")
    return Proposer(
        Proposing.IGNITER,
        "" if record is None else record.version,
        f"The igniter {_name(chosen.path)} proposes: {_why_igniter(project, record, model)}",
    )


def igniter_is_measured(project: Project) -> bool:
    """Whether the igniter's figures are those of the validation series as they are now.

    Then ``review_igniter`` has nothing to open. Raises ProjectError when the project cannot be
    read.
    """
    from SAIMCore.rounds.igniter_figures import up_to_date

    record = read_igniter_record(project)
    return record is not None and up_to_date(project, record.figures)


def review_igniter(
    project: Project,
    device: str | torch.device = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Switch | None:
    """Measure the igniter where that is due, and let the current model take over if it is better.

    Returns the switch when it was made now. It is made once: then the project's models propose
    until another igniter is set. Without a validation series for which the igniter has a proposal
    nobody can tell, and the first model takes over. ``progress`` is told (series done, in all).

    Raises ProjectError when the project is open read-only, what opening and asking the igniter
    raise, and EvaluationStopped when ``should_stop`` ends it.
    """
    from SAIMCore.rounds.igniter_figures import igniter_figures

    project.require_writable()
    settings = project.settings
    if settings.igniter is None:
        return None
    record = read_igniter_record(project)
    if record is not None and record.switch is not None:
        return None
    if record is None or not igniter_is_measured(project):
        from SAIMCore.project.igniter import open_project_igniter

        igniter = open_project_igniter(project.folder, settings, device)
        figures = igniter_figures(project, igniter, progress, should_stop)
        record = keep_figures(project, settings.igniter, igniter.version, figures)
    switch = _switch(project, record)
    if switch is not None:
        keep_switch(project, record, switch)
    return switch


def switch_sentence(switch: Switch, igniter: str) -> str:
    """What was found when the model took over from the igniter called so."""
    since = f"since {switch.when[:16].replace('T', ' ')} UTC"
    if switch.sustainer is None or switch.igniter is None:
        return (
            f"{since}, when {switch.model} was published; there was no "
            f"validation series on which the igniter {igniter} could be measured"
        )
    return (
        f"{since}, when {switch.model} had a validation mIoU without clicks "
        f"of {_percent(switch.sustainer)} and the igniter {igniter} "
        f"{_percent(switch.igniter)}{switch.where}"
    )


def _switch(project: Project, record: IgniterRecord) -> Switch | None:
    model = project.models.current()
    if model is None:
        return None
    if record.figures is None or not record.figures["clicks"]:
        # There is no validation series, or none for which the igniter has a proposal.
        return Switch(model.version, computer_time())
    scores = _compared(project, record, model)
    if scores is None or scores.new <= scores.old:
        return None
    return Switch(model.version, computer_time(), scores.new, scores.old, scores.where)


def _compared(project: Project, record: IgniterRecord, model: ModelRecord) -> CommonScores | None:
    """The model and the igniter without clicks; None where they have no series in common."""
    own = (model.validation or {}).get("clicks", {}).get(WITHOUT_CLICKS)
    if own is None or record.figures is None or not record.figures["clicks"]:
        return None
    measured: Mapping[str, Any] = {"overall": own["mean_iou"], "clicks": {WITHOUT_CLICKS: own}}
    return common_scores(measured, record.figures, annotated_since(project, model))


def _why_igniter(project: Project, record: IgniterRecord | None, model: ModelRecord | None) -> str:
    figures = None if record is None else record.figures
    own = None if figures is None else figures["overall"]
    measured = "" if own is None else f" It has a validation mIoU of {_percent(own)}."
    if model is None:
        return f"the project has no model of its own yet.{measured}"
    scores = None if record is None else _compared(project, record, model)
    if scores is None:
        return f"it was not compared with {model.version} yet.{measured}"
    return (
        f"it has a validation mIoU of {_percent(scores.old)}, {model.version} without clicks "
        f"{_percent(scores.new)}{scores.where}."
    )


def _name(path: str) -> str:
    return Path(path).name


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
