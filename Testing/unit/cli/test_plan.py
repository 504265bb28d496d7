"""``saim plan``: a session of so many minutes, and how earlier ones held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from SAIMCore.campaign.time_plan import PlanEntry
from SAIMCore.campaign.time_plans import PLANS_FILE, keep_plan
from SAIMCore.project.project import Project
from SAIMCore.project.settings import SelectionSettings
from Testing.unit.campaign.made_up import time_plan


@pytest.fixture
def timed(made: Path, pool: tuple[str, ...]) -> Path:
    """A project in which a series of 4 slices takes 8 minutes, and the first of the pool 2 more."""
    with Project.open(made) as project:
        record = project.training_series()[0]
        labels = project.annotations.load(record.name)
        project.annotations.accept(record.name, labels, "ada", minutes=8.0)
        scores = {name: 0.1 * place for place, name in enumerate(pool, start=1)}
        project.scores.record("entropy", "", scores)
        project.sessions.add_active(project.sessions.begin(pool[0], "ada"), 6 * 60.0)
    return made


def names(answer) -> list[str]:
    return [entry["name"] for entry in answer.document["plan"]["series"] if entry["fits"]]


@pytest.mark.parametrize(
    ("order", "places"),
    [("easy", [0, 1]), ("easy-first", [0, 1]), ("hard", [2, 0]), ("entropy", [2, 0])],
)
def test_the_time_is_filled_in_the_order_that_is_asked_for(
    saim, timed: Path, pool, order: str, places: list[int]
) -> None:
    answer = saim("plan", timed, "--minutes", "10", "--order", order, "--json")
    assert answer.code == 0, answer.err
    assert names(answer) == [pool[place] for place in places]
    plan = answer.document["plan"]
    assert (plan["minutes"], plan["predicted_minutes"]) == (10.0, 10.0)
    assert len(plan["series"]) == 3
    assert any("usual slice" in sentence for sentence in plan["unknown"])


def test_people_get_the_same_as_text(saim, timed: Path, pool) -> None:
    answer = saim("plan", timed, "--minutes", "10", "--order", "easy")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert [line.split()[1:3] for line in lines[2:4]] == [[pool[0], "2.0"], [pool[1], "8.0"]]
    assert "in progress" not in answer.out
    assert "2 of 3 series fit into 10 min, taking about 10 min." in answer.out
    assert "The minutes are those of a usual slice, from 1 annotated series" in answer.out


def test_nothing_is_written(saim, timed: Path) -> None:
    def content() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in timed.glob("*.*") if path.is_file()}

    before = content()
    assert saim("plan", timed, "--minutes", "60").code == 0
    assert content() == before


def test_without_measured_minutes_it_says_so_and_shows_the_order(saim, made: Path, pool) -> None:
    answer = saim("plan", made, "--minutes", "60", "--order", "easy", "--json")
    plan = answer.document["plan"]
    assert plan["predicted_minutes"] is None
    assert [entry["fits"] for entry in plan["series"]] == [None] * 3
    assert "is not known before one was annotated" in plan["unknown"][0]
    assert f"saim rank {made}" in plan["unknown"][1]
    text = saim("plan", made, "--minutes", "60", "--order", "easy").out
    assert text.count("not known") >= 2
    assert "How many minutes a series takes is not known before one was annotated" in text


def test_the_time_and_the_order_are_those_of_the_project(saim, timed: Path) -> None:
    with Project.open(timed) as project:
        project.change_settings(selection=SelectionSettings("hard-first", budget_minutes=25.0))
    plan = saim("plan", timed, "--json").document["plan"]
    assert (plan["order"], plan["minutes"]) == ("hard-first", 25.0)


def test_without_a_time_there_is_no_plan_but_the_earlier_ones(saim, timed: Path) -> None:
    answer = saim("plan", timed)
    assert answer.code == 0
    assert "Say it with --minutes M" in answer.out
    assert saim("plan", timed, "--json").document == {"plan": None, "earlier": []}


def test_how_the_earlier_plans_held_is_shown(saim, timed: Path) -> None:
    done = PlanEntry("a", 10.0, 15.0, accepted=True)
    with Project.open(timed) as project:
        for day in range(1, 8):
            keep_plan(project, time_plan(done, minutes=float(day)))
            path = timed / PLANS_FILE
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("2026-01-01", f"2025-01-{day:02d}"), encoding="utf-8")
    answer = saim("plan", timed, "--minutes", "10")
    assert answer.out.count("Session of 2025-01-") == 5
    assert "Session of 2025-01-07 10:20 (UTC), easy-first: 1 of 1 planned series" in answer.out
    assert "expected 10 min, took 15 min (50 % more)." in answer.out
    assert "2 earlier ones are told with --json." in answer.out
    earlier = saim("plan", timed, "--json").document["earlier"]
    assert len(earlier) == 7
    assert earlier[0]["series"] == [
        {
            "name": "a",
            "planned": True,
            "predicted_minutes": 10.0,
            "measured_minutes": 15.0,
            "accepted": True,
        }
    ]


def test_an_empty_pool_has_nothing_to_plan(saim, timed: Path, pool) -> None:
    assert saim("status", timed, "--set", *pool, "excluded").code == 0
    answer = saim("plan", timed, "--minutes", "10")
    assert "The pool is empty: every series is annotated." in answer.out


@pytest.mark.parametrize("minutes", ["0", "-5", "soon", "nan", "inf"])
def test_a_time_that_is_none_is_refused(saim, timed: Path, minutes: str) -> None:
    answer = saim("plan", timed, f"--minutes={minutes}")
    assert answer.code == 2
    assert f"'{minutes}' is no number above 0" in answer.err


def test_an_order_that_there_is_not_is_refused(saim, timed: Path) -> None:
    answer = saim("plan", timed, "--minutes", "10", "--order", "hardest")
    assert answer.code == 2
    assert "unknown strategy 'hardest'" in answer.err


def test_damaged_plans_are_named(saim, timed: Path) -> None:
    (timed / PLANS_FILE).write_text(json.dumps({"format": 1}), encoding="utf-8")
    answer = saim("plan", timed, "--minutes", "10")
    assert answer.code == 2
    assert f"{PLANS_FILE} is damaged" in answer.err


def test_a_folder_without_a_project_is_refused(saim, tmp_path: Path) -> None:
    answer = saim("plan", tmp_path, "--minutes", "10")
    assert answer.code == 2
    assert "is no project" in answer.err
