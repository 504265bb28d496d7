"""The igniter proposes until our own model is better on the same validation series."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.errors import CheckpointError, InvalidLabelmapError, ProjectError
from SAIMCore.evaluation import EvaluationStopped
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.project.igniter_record import read_igniter_record, set_igniter
from SAIMCore.project.project import Project
from SAIMCore.project.settings import IgniterSettings
from SAIMCore.rounds.igniter_choice import find_igniter, igniter_settings, try_igniter
from SAIMCore.rounds.igniter_figures import igniter_figures, up_to_date
from SAIMCore.rounds.proposer import Proposing, review_igniter, who_proposes

Publish = Callable[..., None]


@pytest.fixture
def labelmaps(phantom: Path, tmp_path: Path) -> Path:
    """All reference labels, as a colleague hands them on."""
    folder = Path(shutil.copytree(phantom / "labels", tmp_path / "colleague"))
    names = {"labels": {"background": 0, "organ": 1, "lesion": 2, "node": 3, "gland": 4}}
    (folder / "dataset.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


@pytest.fixture
def perfect(project: Project, labelmaps: Path) -> IgniterSettings:
    """An igniter that is always right, set."""
    return _set(project, labelmaps, project.classes.names[1:])


@pytest.fixture
def half_blind(project: Project, labelmaps: Path) -> IgniterSettings:
    """An igniter that finds one class, set."""
    return _set(project, labelmaps, ("organ",))


def _set(project: Project, labelmaps: Path, known: tuple[str, ...]) -> IgniterSettings:
    names = project.classes.names[1:]
    mapping = ClassMapping(tuple((name, (name,) if name in known else ()) for name in names))
    chosen = igniter_settings(project.folder, labelmaps, mapping)
    set_igniter(project, try_igniter(project, chosen, "cpu").record)
    return chosen


@pytest.fixture
def publish(project: Project) -> Publish:
    """Publishes a model that has this mIoU without clicks on every validation series."""

    def publish(version: str, miou: float | None) -> None:
        classes = project.classes
        network = NetworkConfig(len(classes), "none", 1, "unet", "resnet18", (16, 12, 8, 8, 4))
        config = ModelConfig(network, classes, project.settings.preprocessing, 64, version)
        folder = project.models_folder / version
        save_checkpoint(folder, create_network(network), config)
        (folder / "metrics.json").write_text("{}", encoding="utf-8")
        project.models.add(version, folder, validation=_metrics(project, miou))
        project.models.publish(version)

    return publish


def _metrics(project: Project, miou: float | None) -> dict[str, Any] | None:
    if miou is None:
        return None
    iou = dict.fromkeys(project.classes.names[1:], miou)
    names = [record.name for record in project.series("validation")]
    without = {"mean_iou": miou, "iou": iou, "per_series": {name: {"iou": iou} for name in names}}
    # With clicks it is much better, which does not count here.
    clicked = {"mean_iou": 1.0, "iou": iou, "per_series": without["per_series"]}
    return {"overall": (miou + 1) / 2, "clicks": {"0": without, "1": clicked}}


def test_where_there_is_neither_nobody_proposes(project: Project, publish: Publish) -> None:
    assert who_proposes(project).kind is Proposing.NOBODY
    publish("round-001", 0.5)
    proposer = who_proposes(project)
    assert (proposer.kind, proposer.version) == (Proposing.MODEL, "round-001")
    assert review_igniter(project) is None


def test_before_the_first_model_the_igniter_proposes(
    project: Project, perfect: IgniterSettings
) -> None:
    proposer = who_proposes(project)
    assert proposer.kind is Proposing.IGNITER
    assert proposer.version.startswith("igniter:colleague-")
    assert proposer.sentence == (
        "The igniter colleague proposes: the project has no model of its own yet. It has a "
        "validation mIoU of 100.0 %."
    )
    assert review_igniter(project) is None


def test_a_model_that_is_no_better_does_not_take_over(
    project: Project, half_blind: IgniterSettings, publish: Publish
) -> None:
    publish("round-001", 0.1)
    assert review_igniter(project) is None
    proposer = who_proposes(project)
    assert proposer.kind is Proposing.IGNITER
    assert "round-001 without clicks 10.0 %" in proposer.sentence


def test_a_model_that_is_better_takes_over_and_both_figures_are_kept(
    project: Project, half_blind: IgniterSettings, publish: Publish
) -> None:
    publish("round-001", 0.9)
    switch = review_igniter(project)
    assert switch is not None
    assert (switch.model, switch.sustainer) == ("round-001", 0.9)
    record = read_igniter_record(project)
    assert record is not None
    assert record.switch == switch
    assert record.figures is not None
    assert switch.igniter == record.figures["overall"]
    proposer = who_proposes(project)
    assert (proposer.kind, proposer.version) == (Proposing.MODEL, "round-001")
    assert "had a validation mIoU without clicks of 90.0 % and the igniter colleague" in (
        proposer.sentence
    )


def test_it_stays_so_when_a_later_model_is_worse(
    project: Project, half_blind: IgniterSettings, publish: Publish
) -> None:
    publish("round-001", 0.9)
    review_igniter(project)
    publish("round-002", 0.0)
    assert review_igniter(project) is None
    proposer = who_proposes(project)
    assert (proposer.kind, proposer.version) == (Proposing.MODEL, "round-002")
    assert "when round-001 had" in proposer.sentence


def test_another_igniter_begins_anew(
    project: Project, half_blind: IgniterSettings, publish: Publish, labelmaps: Path
) -> None:
    publish("round-001", 0.9)
    review_igniter(project)
    _set(project, labelmaps, project.classes.names[1:])
    assert who_proposes(project).kind is Proposing.IGNITER
    assert review_igniter(project) is None


def test_without_a_validation_series_the_first_model_takes_over(
    project: Project, half_blind: IgniterSettings, publish: Publish
) -> None:
    for record in project.series("validation"):
        project.set_status(record.name, "annotated")
    publish("round-001", None)
    switch = review_igniter(project, "cpu")
    assert switch is not None
    assert (switch.sustainer, switch.igniter) == (None, None)
    assert "there was no validation series on which the igniter colleague could be measured" in (
        who_proposes(project).sentence
    )


def test_a_model_that_was_not_measured_on_these_series_waits(
    project: Project, half_blind: IgniterSettings, publish: Publish
) -> None:
    publish("round-001", None)
    assert review_igniter(project) is None
    assert "it was not compared with round-001 yet" in who_proposes(project).sentence


def test_a_series_that_was_annotated_anew_does_not_count(
    project: Project, half_blind: IgniterSettings, publish: Publish
) -> None:
    publish("round-001", 0.9)
    (record,) = project.series("validation")
    project.annotations.accept(record.name, project.load_reference(record.name), "ada")
    assert review_igniter(project, "cpu") is None
    # The igniter's own figures are about the present annotation.
    kept = read_igniter_record(project)
    assert kept is not None
    assert up_to_date(project, kept.figures)


def test_figures_follow_the_validation_series(
    project: Project, half_blind: IgniterSettings
) -> None:
    record = read_igniter_record(project)
    assert record is not None
    assert up_to_date(project, record.figures)
    (exam,) = project.series("test")
    project.set_status(exam.name, "validation")
    assert not up_to_date(project, record.figures)
    review_igniter(project, "cpu")
    renewed = read_igniter_record(project)
    assert renewed is not None
    assert renewed.figures is not None
    assert set(renewed.figures["clicks"]["0"]["per_series"]) == {
        entry.name for entry in project.series("validation")
    }


def test_a_review_can_be_stopped_and_needs_the_right_to_write(
    project: Project, labelmaps: Path
) -> None:
    names = project.classes.names[1:]
    mapping = ClassMapping(tuple((name, (name,)) for name in names))
    project.change_settings(igniter=igniter_settings(project.folder, labelmaps, mapping))
    with pytest.raises(EvaluationStopped):
        review_igniter(project, "cpu", should_stop=lambda: True)
    assert read_igniter_record(project) is None
    project.close()
    with (
        Project.open(project.folder, read_only=True) as reader,
        pytest.raises(ProjectError, match="read-only"),
    ):
        review_igniter(reader)


def test_series_without_a_proposal_are_no_part_of_the_figures(
    project: Project, labelmaps: Path
) -> None:
    (exam,) = project.series("test")
    project.set_status(exam.name, "validation")
    (labelmaps / f"{exam.name}.nii.gz").unlink()
    chosen = _set(project, labelmaps, project.classes.names[1:])
    record = read_igniter_record(project)
    assert record is not None
    assert record.chosen == chosen
    assert record.figures is not None
    assert exam.name in record.figures["without"]
    assert exam.name not in record.figures["clicks"]["0"]["per_series"]


def test_an_igniter_is_found_with_what_its_names_say(project: Project, labelmaps: Path) -> None:
    names = {"labels": {"background": 0, "Organ": 1, "cyst": 2, "node": 3, "gland": 4}}
    (labelmaps / "dataset.json").write_text(json.dumps(names), encoding="utf-8")
    found = find_igniter(labelmaps, project.classes.names)
    assert found.class_names == ("background", "Organ", "cyst", "node", "gland")
    assert dict(found.mapping.entries) == {
        "Organ": ("organ",),
        "node": ("node",),
        "gland": ("gland",),
    }
    with pytest.raises(CheckpointError, match="does not exist"):
        find_igniter(labelmaps / "nowhere", project.classes.names)


def test_what_an_igniter_cannot_do_is_noted(project: Project, labelmaps: Path) -> None:
    pool = project.pool()[0].name
    (labelmaps / f"{pool}.nii.gz").unlink()
    names = project.classes.names[1:]
    mapping = ClassMapping(tuple((name, ("organ",)) for name in names))
    tried = try_igniter(project, igniter_settings(project.folder, labelmaps, mapping), "cpu")
    never, without = tried.notes
    assert "colleague never proposes lesion, node, gland" in never
    assert f"1 series have no proposal: the folder {labelmaps} has no labelmap" in without
    # Nothing was written.
    assert project.settings.igniter is None
    assert read_igniter_record(project) is None


def test_without_a_validation_series_it_is_tried_on_another_one(
    project: Project, labelmaps: Path
) -> None:
    for record in project.series("validation"):
        project.set_status(record.name, "annotated")
    for path in labelmaps.glob("*.nii.gz"):
        path.write_bytes(b"no image")
    mapping = ClassMapping(tuple((name, ()) for name in project.classes.names[1:]))
    chosen = igniter_settings(project.folder, labelmaps, mapping)
    with pytest.raises(InvalidLabelmapError, match=r"nii\.gz"):
        try_igniter(project, chosen, "cpu")


def test_paths_inside_the_project_move_with_it(project: Project) -> None:
    mapping = ClassMapping((("organ", ("organ",)),))
    inside = project.folder / "igniter" / "net.ts"
    chosen = igniter_settings(project.folder, inside, mapping, inside.with_suffix(".toml"))
    assert (chosen.path, chosen.description) == ("igniter/net.ts", "igniter/net.toml")
    outside = project.folder.parent / "net.ts"
    assert igniter_settings(project.folder, outside, mapping).path == str(outside)


def test_the_figures_are_those_of_a_model_without_clicks(
    project: Project, perfect: IgniterSettings
) -> None:
    from SAIMCore.project.igniter import open_project_igniter

    igniter = open_project_igniter(project.folder, project.settings, "cpu")
    told: list[tuple[int, int]] = []
    figures = igniter_figures(project, igniter, lambda done, total: told.append((done, total)))
    assert told == [(0, 1), (1, 1)]
    assert figures["overall"] == 1.0
    assert set(figures["clicks"]["0"]["iou"]) == set(project.classes.names[1:])
    assert np.isclose(figures["clicks"]["0"]["mean_dice"], 1.0)
