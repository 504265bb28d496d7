"""A clinic without an annotation of its own ends with its own model: the whole way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.data.phantom import Phantom
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.project.igniter_record import read_igniter_record
from SAIMCore.project.project import Project
from SAIMCore.rounds.proposer import Proposing
from SAIMCore.training.configuration import TrainingConfig
from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop

OpenDesktop = Callable[[Path], Desktop]
# What the colleague calls organ is gland here, and so on: wrong everywhere.
WRONG = [("organ", "gland"), ("lesion", "gland"), ("node", "organ"), ("gland", "node")]
# Enough to be better than that.
TRAINING = TrainingConfig(
    epochs=1, steps_per_epoch=10, batch_size=4, validation_clicks=1, learning_rate=1e-3
)


@pytest.fixture
def nothing(make_project: MakeProject) -> Path:
    """A project of eight series, none of which is annotated."""
    folder = make_project(accepted=9)
    with Project.open(folder) as project:
        held_out = {record.name: record for record in project.series() if record.annotation}
        project.set_statuses(dict.fromkeys(held_out, "excluded"))
        project.change_settings(training=TRAINING)
        assert len(project.pool()) == 4
    return folder


@pytest.fixture
def colleague(phantom: Phantom, tmp_path: Path) -> Path:
    """Labelmaps of all series."""
    folder = Path(shutil.copytree(phantom.labels, tmp_path / "colleague"))
    lines = [f"{entry.name} = {entry.value}" for entry in phantom.classes if entry.value]
    (folder / "labels.toml").write_text("\n".join(["[labels]", *lines]), encoding="utf-8")
    return folder


def test_from_somebody_else_s_labels_to_a_model_of_one_s_own(
    nothing: Path, colleague: Path, desktop: OpenDesktop
) -> None:
    clinic = desktop(nothing)
    clinic.settle()
    campaign, project = clinic.campaign, clinic.campaign.project
    assert campaign.igniter.proposer.kind is Proposing.NOBODY

    campaign.look_at_igniter(colleague)
    clinic.settle()
    assert campaign.igniter.state.found is not None
    campaign.use_igniter(WRONG)
    clinic.settle()
    assert campaign.igniter.proposer.kind is Proposing.IGNITER
    # The pool is ranked by what it says.
    ranked = [row for row in campaign.queue.rows if row.in_pool]
    assert all(row.score is not None and not row.stale for row in ranked)

    # Its proposals are corrected and accepted, series by series.
    accepted = []
    campaign.next()
    for _ in range(3):
        clinic.until_open()
        name = campaign.annotating.current
        assert name is not None
        assert project.series_named(name).annotation is None
        assert clinic.place.labels().any()
        clinic.click_on(2, 1)
        clinic.answer()
        correct_by_hand(clinic, name)
        campaign.accept_series()
        accepted.append(name)
        (record,) = project.annotations.history(name)
        assert str(record.model_version).startswith("igniter:colleague-")
    clinic.until_open()
    campaign.save_for_later()

    # One of them is for validation, the others are trained on; the model takes over.
    campaign.use_as(accepted[-1], "validation")
    campaign.train()
    clinic.settle()
    assert campaign.training.state.phase == "finished", campaign.training.state
    kept = read_igniter_record(project)
    assert kept is not None
    assert kept.switch is not None, campaign.igniter.proposer.sentence
    assert kept.switch.model == "round-001"
    assert kept.switch.sustainer is not None
    assert kept.switch.igniter is not None
    assert kept.switch.sustainer > kept.switch.igniter
    assert campaign.igniter.proposer.kind is Proposing.MODEL
    said = f"had a validation mIoU without clicks of {100 * kept.switch.sustainer:.1f} %"
    assert any(said in sentence for sentence in clinic.window.said)

    # What it proposes is no longer the colleague's.
    campaign.next()
    clinic.until_open()
    session = clinic.series.session
    assert session.predictor.version == "round-001"
    assert session.proposals_only
    assert clinic.window.complaints == clinic.editor.window.complaints == []


def correct_by_hand(clinic: Desktop, name: str) -> None:
    """Draw what is still wrong with the editor's other tools."""
    project, staged = clinic.campaign.project, clinic.place._staged
    assert staged is not None
    wanted = project.load_reference(name)
    ids = ClassSegments(staged.segmentation, project.classes).ids
    for index in project.classes.foreground:
        slicer.util.updateSegmentBinaryLabelmapFromArray(
            (wanted == index).astype(np.uint8), staged.segmentation, ids[index], staged.volume
        )
    clinic.answer()
    assert np.array_equal(clinic.place.labels(), wanted)
