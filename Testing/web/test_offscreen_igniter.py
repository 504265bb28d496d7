"""The igniter on the page: chosen, its classes mapped, tried, relieved by our model, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.project.project import Project
from Testing.unit.campaign.slow_igniter import SlowIgniter
from Testing.unit.campaign.stand_ins import proposals_until_stopped
from Testing.web.page_bench import PageBench, forget_models


@pytest.fixture
def project(project: Path) -> Path:
    """Before its first training."""
    forget_models(project)
    return project


def found(bench: PageBench, labelmaps: Path) -> PageBench:
    bench.page.igniter.look_at(str(labelmaps))
    bench.settle()
    assert bench.state.problem == ""
    return bench


def used(bench: PageBench, labelmaps: Path, cyst: str = "lesion", bone: str = "gland") -> PageBench:
    found(bench, labelmaps)
    bench.page.igniter.map_class("cyst", cyst)
    bench.page.igniter.map_class("bone", bone)
    bench.page.igniter.use()
    bench.settle()
    return bench


def test_at_first_nobody_proposes(bench: PageBench) -> None:
    shown = bench.state.igniter
    assert shown["sentence"] == "Nobody proposes: there is no model and no igniter."
    assert not shown["running"]
    assert shown["chosen"] == shown["found"] == ""
    assert bench.state.igniter_targets == ["background", "organ", "lesion", "node", "gland"]


def test_its_classes_are_shown_with_those_of_the_same_name(
    bench: PageBench, labelmaps: Path
) -> None:
    shown = found(bench, labelmaps).state.igniter
    assert shown["found"] == "colleague"
    assert [(row["name"], row["becomes"]) for row in shown["rows"]] == [
        ("Organ", "organ"),
        ("cyst", ""),
        ("node", "node"),
        ("bone", ""),
    ]


def test_a_class_of_which_nothing_is_said_is_asked_for(bench: PageBench, labelmaps: Path) -> None:
    found(bench, labelmaps).page.igniter.use()
    bench.settle()
    assert "Say what the igniter's class 'cyst' becomes here" in bench.state.problem
    # What was filled in stays.
    bench.page.igniter.map_class("cyst", "background")
    bench.page.igniter.map_class("bone", "tumor")
    bench.page.igniter.use()
    assert "The igniter's class 'bone' becomes 'tumor', which is no class" in bench.state.problem
    assert bench.state.igniter["rows"][1]["becomes"] == "background"
    assert bench.state.igniter["chosen"] == ""


def test_once_it_was_tried_it_proposes(bench: PageBench, labelmaps: Path) -> None:
    shown = used(bench, labelmaps).state.igniter
    assert bench.state.problem == ""
    assert shown["proposes"]
    assert shown["chosen"] == str(labelmaps)
    assert shown["found"] == ""
    assert "It has a validation mIoU of 100.0 %." in shown["sentence"]
    assert "The igniter colleague proposes" in bench.state.notice
    with Project.open(bench.folder, read_only=True) as project:
        assert project.settings.igniter is not None
        assert project.settings.igniter.mapping["cyst"] == ("lesion",)


def test_several_classes_and_none(bench: PageBench, labelmaps: Path) -> None:
    used(bench, labelmaps, cyst="organ + lesion", bone="background")
    assert bench.state.problem == ""
    chosen = bench.campaign.project.settings.igniter
    assert chosen is not None
    assert chosen.mapping["cyst"] == ("organ", "lesion")
    assert chosen.mapping["bone"] == ("background",)
    assert "colleague never proposes gland" in bench.state.notice


def test_a_path_that_is_none_is_said(bench: PageBench, labelmaps: Path) -> None:
    bench.page.igniter.look_at("  ")
    assert bench.state.problem == "Give the path of the igniter: a file or a folder."
    bench.page.igniter.look_at(str(labelmaps / "nothing.ts"))
    bench.settle()
    assert "nothing.ts does not exist; check the path" in bench.state.problem
    assert not bench.state.igniter["running"]


def test_a_description_goes_with_networks_alone(bench: PageBench, labelmaps: Path) -> None:
    bench.page.igniter.look_at(str(labelmaps), str(labelmaps / "dataset.json"))
    bench.settle()
    assert "need no description of a network" in bench.state.problem


def test_what_was_found_need_not_be_used(bench: PageBench, labelmaps: Path) -> None:
    found(bench, labelmaps).page.igniter.forget()
    assert bench.state.igniter["found"] == ""
    assert bench.campaign.project.settings.igniter is None


def test_it_is_removed_when_the_user_says_yes(bench: PageBench, labelmaps: Path) -> None:
    used(bench, labelmaps).page.igniter.remove()
    assert "Remove the igniter" in bench.state.question
    assert bench.state.igniter["chosen"]
    bench.messages.answer(True)
    bench.settle()
    assert bench.state.igniter["chosen"] == ""
    assert bench.state.igniter["sentence"].startswith("Nobody proposes")


def test_what_was_filled_in_survives_a_reload(bench: PageBench, labelmaps: Path) -> None:
    found(bench, labelmaps).page.igniter.map_class("cyst", "lesion")
    # Whatever happens in the campaign meanwhile.
    bench.page.refresh()
    bench.settle()
    assert bench.state.igniter["rows"][1] == {"name": "cyst", "becomes": "lesion"}


def test_what_is_under_way_can_be_stopped(
    bench: PageBench, labelmaps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(bench, labelmaps)
    proposals_until_stopped(monkeypatch)
    bench.page.igniter.map_class("cyst", "lesion")
    bench.page.igniter.map_class("bone", "gland")
    bench.page.igniter.use()
    assert bench.state.igniter["running"]
    bench.page.igniter.stop()
    bench.settle()
    assert not bench.state.igniter["running"]
    assert bench.state.igniter["found"] == "colleague"
    assert bench.state.igniter["chosen"] == ""
    assert bench.state.problem == ""


@pytest.mark.usefixtures("held_elsewhere")
def test_where_nothing_can_be_changed_no_igniter_is_chosen(
    bench: PageBench, labelmaps: Path
) -> None:
    bench.page.igniter.look_at(str(labelmaps))
    bench.settle()
    assert bench.state.problem
    assert bench.state.igniter["found"] == ""


def test_who_waits_sees_how_far_it_is_and_may_go_on_later(
    bench: PageBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    igniter = SlowIgniter(monkeypatch)
    name = bench.state.rows[5]["name"]
    bench.page.open_series(name)
    bench.until(lambda: bench.state.series_status == f"Segmenting {name}: 1 of 4 slices.")
    assert (bench.state.series, bench.state.awaited) == ("", name)
    bench.page.save_for_later()
    bench.until(lambda: bench.state.awaited == "")
    assert bench.state.series_status == "No series is open."
    igniter.may_end.set()
    bench.settle()
    assert bench.desk.opened == []
