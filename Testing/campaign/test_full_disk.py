"""A disk that gets full while somebody annotates: nothing is lost, and there is room again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop
from Testing.conftest import LargestFile
from Testing.unit.campaign.bench import Bench

OpenDesktop = Callable[[Path], Desktop]
# Bytes: less than a session, a labelmap or a page of the database takes.
FULL = 100


def opened_and_clicked(clinic: Desktop) -> np.ndarray:
    clinic.settle()
    clinic.campaign.open("phantom_005")
    clinic.until_open()
    clinic.click_on(2, 1)
    clinic.settle()
    return clinic.place.labels()


def test_while_a_session_is_kept(
    with_model: Path, desktop: OpenDesktop, largest_file: LargestFile
) -> None:
    clinic = desktop(with_model)
    labels = opened_and_clicked(clinic)
    clinic.window.agreeing = False
    with largest_file(FULL):
        clinic.campaign.save_for_later()
        clinic.campaign.next()
    for sentence in clinic.window.complaints:
        assert "larger than allowed here" in sentence or "database" in sentence
    assert len(clinic.window.complaints) == 2
    assert all("Close it all the same?" in question for question in clinic.window.questions)
    assert clinic.campaign.annotating.current == "phantom_005"
    assert np.array_equal(clinic.place.labels(), labels)
    # Work goes on in it, and when there is room all of it is kept.
    clinic.click_on(3, 1)
    clinic.settle()
    labels = clinic.place.labels()
    clinic.campaign.save_for_later()
    assert clinic.campaign.annotating.current is None
    clinic.campaign.open("phantom_005")
    clinic.until_open()
    assert np.array_equal(clinic.place.labels(), labels)
    assert len(clinic.window.complaints) == 2
    assert list(with_model.rglob(".saim-writing-*")) == []


def test_while_a_series_is_accepted(
    with_model: Path, desktop: OpenDesktop, largest_file: LargestFile
) -> None:
    clinic = desktop(with_model)
    labels = opened_and_clicked(clinic)
    with largest_file(FULL):
        clinic.campaign.accept_series()
    assert len(clinic.window.complaints) == 1
    assert clinic.campaign.annotating.current == "phantom_005"
    assert clinic.campaign.project.annotations.history("phantom_005") == []
    assert list((with_model / "annotations").glob("phantom_005*")) == []
    clinic.campaign.accept_series()
    clinic.settle()
    assert np.array_equal(clinic.campaign.project.annotations.load("phantom_005"), labels)
    (record,) = clinic.campaign.project.annotations.history("phantom_005")
    assert record.clicks == 1
    assert len(clinic.window.complaints) == 1
    assert list(with_model.rglob(".saim-writing-*")) == []


def test_when_the_session_fits_and_the_annotation_does_not(
    make_project: MakeProject, make_bench: Callable[..., Bench], largest_file: LargestFile
) -> None:
    folder = make_project()
    bench = make_bench(folder)
    bench.open("phantom_005")
    assert bench.desk.series is not None
    shape = bench.desk.series.volume.array.shape
    drawn = np.random.default_rng(0).integers(0, 3, shape).astype(np.uint8)
    bench.desk.drawn = drawn
    with largest_file(FULL):
        bench.campaign.accept_series()
    bench.complaint()
    assert bench.campaign.annotating.current == "phantom_005"
    assert bench.project.annotations.history("phantom_005") == []
    bench.campaign.accept_series()
    bench.settle()
    assert np.array_equal(bench.project.annotations.load("phantom_005"), drawn)
    assert bench.window.complaints == []


def test_in_the_background_it_is_a_complaint_and_what_is_missing_can_be_made_later(
    with_model: Path, make_bench: Callable[..., Bench], largest_file: LargestFile
) -> None:
    bench = make_bench(with_model)
    with largest_file(FULL):
        bench.campaign.thumbnails.want(["phantom_005"])
        bench.settle()
        assert "larger than allowed here" in bench.complaint()
        bench.campaign.rank()
        bench.settle()
        bench.complaint()
    bench.campaign.thumbnails.want(["phantom_005"])
    bench.campaign.rank()
    bench.settle()
    assert bench.campaign.thumbnails.path("phantom_005") is not None
    assert all(row.score is not None for row in bench.campaign.queue.rows if row.in_pool)
    assert bench.window.complaints == []


def test_sessions_that_cannot_be_made_beforehand_keep_nobody_from_annotating(
    with_model: Path, make_bench: Callable[..., Bench]
) -> None:
    (with_model / "sessions").write_text("no folder", encoding="utf-8")
    bench = make_bench(with_model)
    bench.campaign.next()
    bench.settle()
    sentence = bench.complaint()
    assert "'phantom_005' was not segmented beforehand: cannot write" in sentence
    assert bench.desk.series is not None
    assert bench.campaign.annotating.current == "phantom_005"
    bench.annotate(np.ones(bench.desk.series.volume.array.shape, np.uint8))
    bench.settle()
    assert bench.project.series_named("phantom_005").status == "annotated"
