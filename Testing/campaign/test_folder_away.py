"""The folder of the project goes (a network share) and comes back while a campaign is open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from SAIMCore.rounds.options import RoundOptions
from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop
from Testing.unit.campaign.bench import Bench, Trainer

AWAY = "cannot be reached"


def test_what_is_open_stays_open_and_is_kept_when_the_folder_is_back(
    with_model: Path, desktop: Callable[[Path], Desktop]
) -> None:
    clinic = desktop(with_model)
    campaign = clinic.campaign
    clinic.settle()
    campaign.open("phantom_005")
    clinic.until_open()
    clinic.click_on(2, 1)
    clinic.settle()
    away = with_model.rename(with_model.with_name("away"))
    clinic.window.agreeing = False
    for attempt in (campaign.accept_series, campaign.save_for_later, campaign.next):
        attempt()
        clinic.settle()
        assert AWAY in clinic.window.complaints[-1]
        assert campaign.annotating.current == "phantom_005"
    # Clicks are answered all the same.
    clinic.click_on(3, 1)
    clinic.settle()
    labels = clinic.place.labels()
    assert clinic.slices(labels)[3].any()
    assert not with_model.exists()
    away.rename(with_model)
    complaints = len(clinic.window.complaints)
    campaign.save_for_later()
    campaign.open("phantom_005")
    clinic.until_open()
    assert np.array_equal(clinic.place.labels(), labels)
    clinic.window.agreeing = True
    campaign.accept_series()
    clinic.settle()
    assert np.array_equal(campaign.project.annotations.load("phantom_005"), labels)
    assert len(clinic.window.complaints) == complaints
    assert campaign.annotating.current is not None


def test_everything_complains_while_it_is_away_and_goes_on_afterwards(
    with_model: Path, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(with_model)
    campaign = bench.campaign
    campaign.open("phantom_006")
    bench.settle()
    away = with_model.rename(with_model.with_name("away"))
    commands: list[Callable[[], None]] = [
        campaign.next,
        lambda: campaign.open("phantom_005"),
        lambda: campaign.choose_strategy("random"),
        lambda: campaign.pin("phantom_007"),
        lambda: campaign.skip("phantom_005"),
        lambda: campaign.exclude("phantom_008", "blurred"),
        lambda: campaign.include("phantom_008"),
        campaign.rank,
        lambda: campaign.train(RoundOptions(device="cpu")),
        lambda: campaign.publish("by-hand"),
    ]
    for number, command in enumerate(commands):
        command()
        bench.settle()
        told = [*bench.window.complaints, campaign.training.state.sentence]
        assert any(AWAY in sentence for sentence in told), number
        bench.window.complaints.clear()
    campaign.thumbnails.want(["phantom_005"])
    bench.settle()
    assert not with_model.exists()
    assert campaign.annotating.current == "phantom_006"
    bench.window.complaints.clear()

    away.rename(with_model)
    campaign.pin("phantom_007")
    assert bench.pool()[0] == "phantom_007"
    campaign.rank()
    bench.settle()
    assert all(row.score is not None for row in campaign.queue.rows if row.in_pool)
    campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    assert campaign.training.state.phase == "finished"
    assert bench.desk.renewed == 1
    assert bench.desk.series is not None
    bench.desk.drawn = np.ones(bench.desk.series.volume.array.shape, np.uint8)
    campaign.accept_series()
    bench.settle()
    assert campaign.annotating.current == "phantom_007"
    assert bench.window.complaints == []


def test_a_campaign_that_could_not_be_read_at_first_is_read_when_next_is_asked_for(
    make_project: MakeProject, make_bench: Callable[..., Bench]
) -> None:
    folder = make_project()
    bench = make_bench(folder)
    campaign = bench.campaign
    away = folder.rename(folder.with_name("away"))
    # As when it goes at the start.
    campaign.queue._rows = {}
    campaign.next()
    bench.settle()
    assert AWAY in bench.complaint()
    away.rename(folder)
    campaign.next()
    assert bench.complaint() == "the queue is still being read; try again in a moment"
    bench.settle()
    campaign.next()
    bench.settle()
    assert campaign.annotating.current == "phantom_005"


def test_a_training_that_ends_while_it_is_away_is_taken_over_afterwards(
    make_project: MakeProject, make_bench: Callable[..., Bench]
) -> None:
    folder = make_project()
    bench = make_bench(folder, Trainer(holds=True))
    campaign = bench.campaign
    campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    away = folder.rename(folder.with_name("away"))
    bench.until(lambda: AWAY in campaign.training.state.sentence)
    away.rename(folder)
    bench.trainer.finish()
    bench.settle()
    assert campaign.training.state.phase == "finished"
    assert bench.project.models.current() is not None
    assert bench.window.complaints == []
