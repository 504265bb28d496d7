"""How the campaign is doing, on the page and in files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from SAIMCore.campaign.overview import Overview
from SAIMCore.campaign.time_plan import PlanEntry
from SAIMCore.campaign.time_plans import keep_plan
from SAIMCore.campaign.worth import HARDLY, Worth
from SAIMCore.project.project import Project
from SAIMCore.rounds.advice import Advice
from SAIMWeb.trame_host import progress_page
from Testing.unit.campaign.made_up import annotation_effort, curve_point, time_plan
from Testing.web.page_bench import PageBench

POINTS = tuple(
    curve_point(series, low, high, round=number, version=f"round-{number:03d}")
    for number, (series, low, high) in enumerate([(4, 0.4, 0.6), (8, 0.5, 0.7)], start=1)
)
EFFORTS = tuple(annotation_effort(number, 10.0 - number / 10) for number in range(1, 51))


@pytest.fixture
def grown(bench: PageBench) -> PageBench:
    """With two measured models and 50 annotated series."""
    assert bench.campaign.queue.overview is not None
    bench.campaign.queue.overview = replace(
        bench.campaign.queue.overview,
        curve=POINTS,
        efforts=EFFORTS,
        share=0.5,
        hours=3.25,
        trend="annotating is getting cheaper",
        worth=Worth(HARDLY, "another round is hardly worth it"),
    )
    bench.page.refresh()
    bench.settle()
    return bench


def rows(bench: PageBench, name: str) -> list[dict[str, str]]:
    made = bench.page.downloads.make(name)
    assert made is not None
    assert made.kind == "text/csv"
    return list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))


def test_a_new_project_says_what_is_not_known_yet(bench: PageBench) -> None:
    assert bench.state.curve == ""
    assert bench.state.effort == ""
    overview = bench.state.overview
    assert overview["share"] is not None
    assert overview["hours"] == "How long the rest will take cannot be said yet."
    assert all(sentence[0].isupper() for sentence in overview["advice"])


def test_share_hours_and_advice_are_shown(grown: PageBench) -> None:
    overview = grown.state.overview
    assert overview["share"] == 50
    assert overview["hours"] == "Annotating the rest takes about 3.2 hours."
    assert "Another round is hardly worth it." in overview["advice"]
    assert "Annotating is getting cheaper." in overview["advice"]


@pytest.mark.parametrize(("models", "said"), [(1, True), (2, False)])
def test_only_the_first_model_is_judged_as_one_to_start_with(
    grown: PageBench, monkeypatch: pytest.MonkeyPatch, models: int, said: bool
) -> None:
    overview = grown.campaign.queue.overview
    assert overview is not None
    monkeypatch.setattr(progress_page, "starting_advice", lambda _: Advice(False, "annotate more"))
    grown.campaign.queue.overview = replace(overview, curve=POINTS[:models])
    grown.page.refresh()
    grown.settle()
    assert ("Annotate more." in grown.state.overview["advice"]) == said


def test_the_learning_curve_can_be_chosen(grown: PageBench) -> None:
    assert "mIoU" in grown.state.curve
    assert "liver" not in grown.state.curve
    assert "IoU of liver" in grown.state.curve_figures
    grown.state.curve_figure = "IoU of every class after 1 click"
    grown.state.curve_place = "round"
    grown.settle()
    assert "liver" in grown.state.curve
    assert ">round</text>" in grown.state.curve


def test_effort_can_be_chosen(grown: PageBench) -> None:
    assert "minutes per series" in grown.state.effort
    grown.state.effort_figure = "clicks per series"
    grown.settle()
    assert "clicks per series" in grown.state.effort


def test_models_that_cannot_be_compared_are_told_of(grown: PageBench) -> None:
    overview: Overview = grown.campaign.queue.overview
    points = (*POINTS, curve_point(9, 0.9, 0.9, comparable=False))
    grown.campaign.queue.overview = replace(overview, curve=points)
    grown.page.refresh()
    grown.settle()
    assert grown.state.curve_note.startswith("1 model measured on other series")
    assert grown.state.curve_figure == "mIoU"


def test_an_enlarged_plot_has_its_table(grown: PageBench) -> None:
    assert grown.state.figures is None
    grown.state.enlarged = "curve"
    grown.settle()
    assert 'viewBox="0 0 900' in grown.state.enlarged_plot
    figures = grown.state.figures
    assert figures["headers"][0] == "model"
    assert figures["rows"][0][0] == "round-002"
    assert "2026-01-01 00:00" in figures["rows"][0]
    grown.state.enlarged = "effort"
    grown.settle()
    assert (len(grown.state.figures["rows"]), grown.state.figures["left_out"]) == (40, 10)
    grown.state.enlarged = ""
    grown.settle()
    assert grown.state.figures is None


def test_tables_come_as_files(grown: PageBench) -> None:
    assert len(rows(grown, "queue.csv")) == 20
    assert [row["model"] for row in rows(grown, "learning-curve.csv")] == ["round-001", "round-002"]
    assert len(rows(grown, "effort.csv")) == 50


@pytest.mark.parametrize("name", ["learning-curve.png", "effort.png"])
def test_plots_come_as_pictures(grown: PageBench, name: str) -> None:
    made = grown.page.downloads.make(name)
    assert made is not None
    assert made.kind == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(made.content)).convert("RGB"))
    assert picture.shape == (800, 1200, 3)
    # Curves are on white, and there are some.
    assert (picture == 255).all(axis=-1).mean() > 0.5
    assert (np.ptp(picture, axis=-1) > 100).any()


def test_without_values_there_is_no_picture(bench: PageBench) -> None:
    assert bench.page.downloads.make("learning-curve.png") is None
    assert bench.page.downloads.make("effort.png") is None
    assert rows(bench, "effort.csv") == []


@pytest.mark.parametrize("name", ["", "project.toml", "../project.toml", "queue"])
def test_there_are_no_other_files(bench: PageBench, name: str) -> None:
    assert bench.page.downloads.make(name) is None


def test_what_an_annotation_took_is_shown_after_it(bench: PageBench) -> None:
    bench.desk.accepted = (6, 6)
    name = bench.annotate()
    assert name in [row["series"] for row in rows(bench, "effort.csv")]
    assert bench.state.overview["share"] > 0


def test_how_the_plans_held_is_shown(project: Path, open_bench: Callable[..., PageBench]) -> None:
    entries = (PlanEntry("case1", 10.0, 15.0, accepted=True), PlanEntry("case2", 8.0))
    with Project.open(project) as opened:
        keep_plan(opened, time_plan(*entries))
    bench = open_bench()
    (sentence,) = bench.state.overview["plans"]
    assert sentence.startswith("2026-01-01 10:20 (UTC), easy-first: 1 of 2 planned series accepted")
    assert sentence.endswith("took 15 min (50 % more).")
    assert [row["series"] for row in rows(bench, "plans.csv")] == ["case1", "case2"]
    bench.state.enlarged = "plans"
    bench.settle()
    assert bench.state.figures["rows"][0][:2] == ["2026-01-01 10:20", "easy-first"]
    assert bench.state.enlarged_plot == ""


def test_plans_that_cannot_be_read_are_said_and_all_else_is_shown(
    project: Path, open_bench: Callable[..., PageBench]
) -> None:
    (project / "plans.json").write_text("{", encoding="utf-8")
    bench = open_bench()
    (sentence,) = bench.state.overview["plans"]
    assert "plans.json is damaged" in sentence
    assert bench.state.queue_state == "rows"


def test_the_project_is_described(bench: PageBench) -> None:
    assert bench.state.project_name == "Phantoms"
    assert bench.state.project_folder == str(bench.folder)
    classes = bench.state.classes
    assert [entry["name"] for entry in classes] == list(bench.campaign.project.classes.names)
    assert classes[0]["color"].startswith("#")
    assert {entry["within"] for entry in classes} == {"", "organ"}
