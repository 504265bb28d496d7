"""A whole campaign of three rounds: real database, real worker, real desk, a virtual user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import slicer

from SAIMCore.campaign.campaign import Campaign
from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop
from Testing.mrml.scenes import add_segmentation, add_volume

OpenDesktop = Callable[[Path], Desktop]


def test_three_rounds_from_the_first_training_to_the_last_series(
    make_project: MakeProject, desktop: OpenDesktop, scene: slicer.vtkMRMLScene
) -> None:
    folder = make_project(accepted=2)
    mine = add_segmentation(scene, add_volume(scene), "mine")
    nodes = scene.GetNumberOfNodes()
    clinic = desktop(folder)
    campaign = clinic.campaign
    clinic.settle()
    assert [row.rank for row in campaign.queue.rows if row.in_pool] == [1, 2, 3, 4]

    # Round 1: from the labels that came with the images.
    campaign.train()
    clinic.settle()
    assert campaign.training.state.phase == "finished", campaign.training.state
    assert current(campaign) == "round-001"
    scores = [row.score for row in campaign.queue.rows if row.in_pool]
    assert None not in scores
    assert scores == sorted(scores, reverse=True)

    # Round 2 begins by itself when two series are accepted. Round 3 would take three, but the pool
    # has only two more.
    campaign.next()
    accepted = []
    for number in (1, 2, 3, 4):
        clinic.until_open()
        name = campaign.annotating.current
        assert name == scores_first(campaign)
        assert campaign.queue.row(name).status == "in progress"
        used = len(clinic.models)
        given = clinic.annotate(number, in_the_middle=clinic.settle if number == 3 else None)
        versions = clinic.models[used:]
        # A model that is published meanwhile answers the next click in the open series.
        assert versions == sorted(versions)
        assert set(versions) == ({"round-001", "round-002"} if number == 3 else {versions[0]})
        assert clinic.place.accepted_slices() == (6, 6)
        drawn = clinic.place.labels()
        assert drawn.any()
        campaign.accept_series()
        accepted.append(name)
        assert np.array_equal(campaign.project.annotations.load(name), drawn)
        (record,) = campaign.project.annotations.history(name)
        assert record.clicks == given
        assert record.minutes > 0
        assert len([row for row in campaign.queue.rows if row.in_pool]) == 4 - number
        trains = campaign.training.state.active
        assert trains == (number in (2, 4)), campaign.training.state
    clinic.settle()

    check(campaign, accepted)
    assert clinic.window.questions == clinic.window.complaints == []
    assert clinic.editor.window.complaints == []
    finished = [record.sentence for record in campaign.project.rounds.all()]
    told = f"{accepted[-1]} is accepted; every series of the pool is annotated"
    assert sorted(clinic.window.said) == sorted([*finished, told])
    # Nothing of it is in the scene, and all that was there before still is.
    clinic.close()
    assert scene.GetNumberOfNodes() == nodes
    assert scene.IsNodePresent(mine)

    again = desktop(folder)
    again.settle()
    check(again.campaign, accepted)
    assert again.campaign.training.state.phase == "idle"
    again.campaign.open(accepted[0])
    again.until_open()
    labels = again.campaign.project.annotations.load(accepted[0])
    assert np.array_equal(again.place.labels(), labels)
    assert again.place.accepted_slices() == (6, 6)
    assert again.series.session.predictor.version == "round-003"
    assert again.window.complaints == again.editor.window.complaints == []


def check(campaign: Campaign, accepted: list[str]) -> None:
    """Everything of the three rounds is there."""
    project, overview = campaign.project, campaign.queue.overview
    assert overview is not None
    assert [(record.status, record.model_version) for record in project.rounds.all()] == [
        ("finished", f"round-00{number}") for number in (1, 2, 3)
    ]
    assert current(campaign) == "round-003"
    assert [(point.series, point.split, point.comparable) for point in overview.curve] == [
        (2, "test", True),
        (4, "test", True),
        (6, "test", True),
    ]
    assert [effort.series for effort in overview.efforts] == accepted
    assert [effort.round for effort in overview.efforts[:2]] == [1, 1]
    assert [effort.round for effort in overview.efforts[2:]] == [2, 2]
    assert all(effort.clicks and effort.minutes for effort in overview.efforts)
    assert overview.share == 1
    assert overview.hours == 0
    assert not any(row.in_pool for row in campaign.queue.rows)


def current(campaign: Campaign) -> str:
    model = campaign.project.models.current()
    assert model is not None
    return model.version


def scores_first(campaign: Campaign) -> str:
    """The series of the pool that the present order puts first."""
    return next(row.name for row in campaign.queue.rows if row.in_pool)
