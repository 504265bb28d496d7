"""A campaign that begins with somebody else's labels: real database, worker and desk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project
from SAIMCore.project.settings import IgniterSettings
from SAIMCore.session.igniter_model import IgniterModel
from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop
from Testing.unit.campaign.stand_ins import publish_model

OpenDesktop = Callable[[Path], Desktop]


@pytest.fixture
def ignited(make_project: MakeProject, phantom: Phantom, tmp_path: Path) -> Path:
    """A project without a model; a colleague has labelmaps of its series, two classes in one."""
    folder = make_project(accepted=9)
    theirs = Path(shutil.copytree(phantom.labels, tmp_path / "colleague"))
    lines = [f"{entry.name} = {entry.value}" for entry in phantom.classes if entry.value]
    (theirs / "labels.toml").write_text("\n".join(["[labels]", *lines]), encoding="utf-8")
    mapping = {entry.name: (entry.name,) for entry in phantom.classes if entry.value}
    mapping["node"] = ("gland",)
    with Project.open(folder) as project:
        project.change_settings(igniter=IgniterSettings("../colleague", mapping))
    return folder


def test_their_labels_are_corrected_until_our_model_answers(
    ignited: Path, desktop: OpenDesktop
) -> None:
    clinic = desktop(ignited)
    clinic.settle()
    campaign, project = clinic.campaign, clinic.campaign.project

    clinic.open("phantom_005")
    session = clinic.series.session
    assert isinstance(session.predictor, IgniterModel)
    assert session.proposals_only
    proposed = project.load_reference("phantom_005")
    names = list(project.classes.names)
    proposed[proposed == names.index("node")] = names.index("gland")
    assert np.array_equal(clinic.place.labels(), proposed)
    assert project.series_named("phantom_005").annotation is None
    assert clinic.place.accepted_slices() == (0, 6)

    given = clinic.annotate()
    assert given > 0
    corrected = clinic.place.labels()
    assert not np.array_equal(corrected, proposed)
    campaign.accept_series()
    (record,) = project.annotations.history("phantom_005")
    assert str(record.model_version).startswith("igniter:colleague-")
    assert record.clicks == given
    assert np.array_equal(project.annotations.load("phantom_005"), corrected)

    # A training goes on while the next series is open: its model answers the next click in it.
    clinic.open("phantom_006")
    clinic.click_on(2, 1)
    clinic.answer()
    session = clinic.series.session
    before = clinic.place.labels()
    campaign.train()
    clinic.settle()
    assert campaign.training.state.phase == "finished", campaign.training.state
    assert clinic.series.session is session
    assert session.predictor.version == "round-001"
    assert np.array_equal(clinic.place.labels(), before)
    clinic.click_on(2, 2)
    clinic.answer()
    assert clinic.models[-2].startswith("igniter:colleague-")
    assert clinic.models[-1] == "round-001"
    assert len(session.interactions(2)) == 2
    assert clinic.window.complaints == clinic.editor.window.complaints == []


def test_what_was_begun_on_an_igniter_goes_on_with_our_model(
    ignited: Path, desktop: OpenDesktop
) -> None:
    clinic = desktop(ignited)
    clinic.settle()
    clinic.open("phantom_005")
    clinic.click_on(2, 1)
    clinic.settle()
    labels = clinic.place.labels()
    clinic.close()
    with Project.open(ignited) as project:
        publish_model(project, "by-hand")
    again = desktop(ignited)
    again.settle()
    again.open("phantom_005")
    assert again.series.session.predictor.version == "by-hand"
    assert np.array_equal(again.place.labels(), labels)
    assert len(again.series.session.interactions(2)) == 1
    again.click_on(2, 2)
    again.answer()
    assert len(again.series.session.interactions(2)) == 2
    assert again.window.complaints == again.editor.window.complaints == []


def test_a_series_that_they_do_not_have_is_annotated_from_nothing(
    ignited: Path, desktop: OpenDesktop, tmp_path: Path
) -> None:
    (tmp_path / "colleague" / "phantom_005.nii.gz").unlink()
    clinic = desktop(ignited)
    clinic.settle()
    clinic.open("phantom_005")
    assert not clinic.place.labels().any()
    told = [*clinic.window.complaints, *clinic.editor.window.complaints]
    said = [sentence for sentence in told if "no labelmap of the series 'phantom_005'" in sentence]
    assert len(said) == 1
    assert said[0].endswith("The series begins empty.")
    clinic.click_on(2, 1)
    clinic.answer()
    assert clinic.place.labels().any()
