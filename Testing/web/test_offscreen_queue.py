"""The queue on the page: single series, order, filter, and its states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
from SAIMWeb.queue_rows import ROWS_PER_PAGE
from Testing.unit.campaign.made_up import queue_row
from Testing.web.page_bench import PageBench, forget_models


def row(bench: PageBench, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in bench.state.rows if row["name"] == name)
    return found


def first_with(bench: PageBench, status: str) -> str:
    """The name of the first series of a status."""
    name: str = next(row["name"] for row in bench.state.rows if row["status"] == status)
    return name


def command(bench: PageBench, command: str, name: str, reason: str | None = None) -> None:
    menu = bench.page.queue.menu
    menu.do(command, name)
    if reason is not None:
        assert bench.state.asked["series"] == name
        menu.give_reason(reason)
    bench.settle()


def test_a_pinned_series_comes_first_and_goes_back(bench: PageBench) -> None:
    name = bench.state.rows[3]["name"]
    command(bench, "pin", name, "rare")
    assert bench.state.rows[0]["name"] == name
    assert bench.state.rows[0]["pinned"]
    assert "rare" in bench.state.rows[0]["details"]
    command(bench, "unpin", name)
    assert not row(bench, name)["pinned"]
    assert bench.state.rows[0]["name"] != name


def test_a_skipped_series_comes_last_in_the_pool_and_goes_back(bench: PageBench) -> None:
    name = bench.state.rows[0]["name"]
    command(bench, "skip", name, "")
    pool = [shown["name"] for shown in bench.state.rows if shown["rank"]]
    assert pool[-1] == name
    assert bench.campaign.project.series_named(name).skipped
    command(bench, "unskip", name)
    assert not bench.campaign.project.series_named(name).skipped


def test_a_series_is_left_out_for_a_reason_and_taken_back(bench: PageBench) -> None:
    name = bench.state.rows[0]["name"]
    menu = bench.page.queue.menu
    menu.do("exclude", name)
    assert bench.state.asked["required"]
    menu.give_reason("  ")
    assert bench.state.asked["series"] == name
    assert bench.campaign.project.series_named(name).status == "unannotated"
    menu.give_reason("motion")
    bench.settle()
    assert bench.state.asked is None
    record = bench.campaign.project.series_named(name)
    assert (record.status, record.reason) == ("excluded", "motion")
    assert row(bench, name)["can"] == ["include"]
    command(bench, "include", name)
    assert bench.campaign.project.series_named(name).status == "unannotated"


def test_who_thinks_better_of_it_changes_nothing(bench: PageBench) -> None:
    name = bench.state.rows[0]["name"]
    menu = bench.page.queue.menu
    menu.do("exclude", name)
    menu.forget()
    menu.give_reason("motion")
    bench.settle()
    assert bench.state.asked is None
    assert bench.campaign.project.series_named(name).status == "unannotated"


def test_an_annotated_series_is_used_for_validation(bench: PageBench) -> None:
    name = first_with(bench, "annotated")
    command(bench, "validation", name)
    assert bench.campaign.project.series_named(name).status == "validation"


def test_what_cannot_be_done_any_more_is_not_done(bench: PageBench) -> None:
    name = bench.state.rows[0]["name"]
    command(bench, "validation", name)
    assert bench.campaign.project.series_named(name).status == "unannotated"
    command(bench, "unpin", name)
    assert bench.state.problem == ""


def test_the_menu_opens_a_series(bench: PageBench) -> None:
    name = bench.state.rows[2]["name"]
    command(bench, "open", name)
    assert bench.state.series == name


def test_rows_are_sorted_both_ways(bench: PageBench) -> None:
    bench.state.queue_sort = "name"
    bench.settle()
    names = [shown["name"] for shown in bench.state.rows]
    assert names == sorted(names)
    bench.state.queue_descending = True
    bench.settle()
    assert [shown["name"] for shown in bench.state.rows] == names[::-1]
    bench.state.queue_sort = "rank"
    bench.settle()
    assert bench.state.rows[0]["rank"] == 1


def test_the_series_to_annotate_are_shown_alone(bench: PageBench) -> None:
    bench.state.queue_status = "to annotate"
    bench.settle()
    assert {shown["status"] for shown in bench.state.rows} == {"unannotated"}
    assert bench.state.queue_count < bench.state.queue_total == 20
    bench.page.queue.clear_filter()
    bench.settle()
    assert bench.state.queue_count == 20


def test_what_no_series_is_like_is_said(bench: PageBench) -> None:
    bench.state.queue_text = "nobody"
    bench.settle()
    assert bench.state.queue_state == "no match"


def test_the_strategy_is_described(bench: PageBench) -> None:
    assert "most unsure" in bench.state.strategy_sentence
    bench.state.strategy = "random"
    bench.settle()
    assert "random order" in bench.state.strategy_sentence


def test_the_time_of_the_session_is_kept_with_every_order(bench: PageBench) -> None:
    assert bench.state.budget_sentence == ""
    bench.page.queue.set_budget("30")
    bench.settle()
    assert bench.campaign.project.settings.selection.budget_minutes == 30
    for strategy in ("easy-first", "hard-first", "random"):
        bench.state.strategy = strategy
        bench.settle()
        selection = bench.campaign.project.settings.selection
        assert (selection.strategy, selection.budget_minutes) == (strategy, 30)
        assert "cannot be said" in bench.state.budget_sentence
    bench.page.queue.set_budget("")
    bench.settle()
    assert bench.campaign.project.settings.selection.budget_minutes is None


@pytest.mark.parametrize(("typed", "said"), [("soon", "no number"), ("-3", "more than 0 minutes")])
def test_a_time_that_is_none_is_refused(bench: PageBench, typed: str, said: str) -> None:
    bench.page.queue.set_budget(typed)
    bench.settle()
    assert said in bench.state.problem
    assert bench.state.budget == ""


@pytest.fixture
def show_rows(
    bench: PageBench, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[QueueRow]], None]:
    """Shows other rows than the project has; none of them has a picture."""
    monkeypatch.setattr(bench.campaign.thumbnails, "want", lambda names: None)

    def show(rows: list[QueueRow]) -> None:
        monkeypatch.setattr("SAIMCore.campaign.series_queue.queue_rows", lambda *_: rows)
        bench.page.queue.read_again()
        bench.settle()

    return show


def test_rows_beyond_the_time_of_the_session_are_marked(
    bench: PageBench, show_rows: Callable[[list[QueueRow]], None]
) -> None:
    bench.page.queue.set_budget("10")
    bench.settle()
    show_rows([queue_row(f"case{number}", predicted_minutes=5.0) for number in range(5)])
    assert [shown["late"] for shown in bench.state.rows] == [False, False, True, True, True]
    assert bench.state.budget_sentence == ("2 of 5 series fit into 10 min, taking about 10 min.")
    assert bench.state.plan_sentence == ""
    done = queue_row("case0", predicted_minutes=5.0, minutes_spent=6.0, status="annotated")
    show_rows([done, *(queue_row(f"case{n}", predicted_minutes=5.0) for n in range(1, 5))])
    assert [shown["late"] for shown in bench.state.rows] == [True] * 4 + [False]
    assert bench.state.budget_sentence == "0 of 4 series fit into the 4.0 min left."
    assert bench.state.plan_sentence == (
        "1 of 2 planned series accepted after 6.0 min of 10 min; expected 5.0 min, took 6.0 min "
        "(20 % more)."
    )


def test_of_any_number_of_series_one_page_goes_to_the_browser(
    bench: PageBench,
    show_rows: Callable[[list[QueueRow]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [f"case{number:05d}" for number in range(10_000)]
    wanted: list[set[str]] = []
    show_rows([queue_row(name) for name in names])
    monkeypatch.setattr(bench.campaign.thumbnails, "want", lambda names: wanted.append(set(names)))
    assert bench.state.queue_total == 10_000
    first = [shown["name"] for shown in bench.state.rows]
    assert len(first) == ROWS_PER_PAGE
    bench.state.queue_page = bench.state.queue_pages
    bench.settle()
    last = [shown["name"] for shown in bench.state.rows]
    assert len(last) == ROWS_PER_PAGE
    assert not set(first) & set(last)
    bench.state.queue_text = "0999"
    bench.state.queue_sort = "name"
    bench.settle()
    assert bench.state.queue_page == 1
    assert [shown["name"] for shown in bench.state.rows] == [
        name for name in names if "0999" in name
    ]
    # No picture is made of what nobody sees.
    assert max(map(len, wanted)) == ROWS_PER_PAGE


def test_a_project_without_series_says_so(
    bench: PageBench, show_rows: Callable[[list[QueueRow]], None]
) -> None:
    show_rows([])
    assert bench.state.queue_state == "empty"
    assert "has no series" in bench.state.first_steps


def test_where_the_series_cannot_be_read_it_is_tried_again(
    project: Path, open_bench: Callable[..., PageBench], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ProjectError("the folder is away; mount it")

    with monkeypatch.context() as patched:
        patched.setattr("SAIMCore.campaign.series_queue.queue_rows", fail)
        bench = open_bench()
    assert bench.state.queue_state == "failed"
    assert "away; mount it" in bench.state.problem
    bench.page.queue.read_again()
    bench.settle()
    assert bench.state.queue_state == "rows"
    assert bench.state.problem == ""
    assert len(bench.state.rows) == 20


def test_a_project_without_labels_and_model_says_what_to_do(
    project: Path, open_bench: Callable[..., PageBench]
) -> None:
    with Project.open(project) as opened:
        for record in opened.series():
            opened.set_status(record.name, "excluded", "for the test")
    forget_models(project)
    bench = open_bench()
    assert "no annotated series" in bench.state.first_steps
    assert str(project) in bench.state.first_steps
    assert bench.state.models == []
    assert bench.state.outcome is None


def test_with_a_model_nothing_has_to_be_done_first(bench: PageBench) -> None:
    assert bench.state.first_steps == ""


@pytest.mark.usefixtures("held_elsewhere")
def test_where_somebody_else_writes_no_command_does_anything(bench: PageBench) -> None:
    page = bench.page
    shown = bench.state.rows[0]
    assert shown["can"] == []
    name = shown["name"]
    acts: list[Callable[[], None]] = [
        *(
            lambda command=command: page.queue.menu.do(command, name)  # type: ignore[misc]
            for command in ("open", "pin", "skip", "exclude", "validation")
        ),
        page.queue.rank,
        lambda: page.queue.set_budget("5"),
        page.training.train,
        lambda: page.training.train_by_itself(False, 3),
        lambda: page.training.train_by_itself(True, 10, "2"),
        lambda: page.models.export(bench.state.model, "torchscript"),
    ]
    for act in acts:
        bench.messages.begin_action()
        act()
        bench.settle()
        assert "read-only" in bench.state.problem or "has it open" in bench.state.problem
        assert bench.state.asked is None
    assert not (bench.folder / "exports").exists()
    assert bench.campaign.project.series_named(name).status == "unannotated"
