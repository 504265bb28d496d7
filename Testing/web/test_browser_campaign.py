"""Queue and files in a real browser; what came of it is read from the project."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from SAIMCore.project.project import Project
from SAIMCore.project.records import SeriesRecord
from Testing.web.annotator import Annotator, eventually


def record(folder: Path, name: str) -> SeriesRecord:
    with Project.open(folder, read_only=True) as project:
        return project.series_named(name)


def menu_of(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Queue").click()
    page.locator(f"[data-menu-of={name}]").click()
    page.locator("[data-row-menu]").wait_for()


def test_the_menu_of_a_row_is_used_with_the_keyboard(annotator: Annotator) -> None:
    page, folder = annotator.page, annotator.server.project
    name = annotator.next()
    button = page.locator("[data-menu-of]").nth(4)
    other = button.get_attribute("data-menu-of")
    assert other is not None
    button.focus()
    page.keyboard.press("Enter")
    menu = page.locator("[data-row-menu]")
    menu.wait_for()
    page.keyboard.press("ArrowDown")
    # In a menu, letters mean nothing for the open series.
    page.keyboard.press("a")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[data-row-command=exclude]")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.locator("[data-reason]")
    dialog.wait_for()
    expect(dialog.locator("[data-give-reason]")).to_be_disabled()
    expect(dialog.locator("input")).to_be_focused()
    page.keyboard.type("motion")
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    excluded = eventually(lambda: record(folder, other), lambda found: found.status == "excluded")
    assert excluded.reason == "motion"
    assert annotator.state("series") == name
    assert annotator.state("slice_accepted") is False
    row = page.locator(f"[data-series={other}]")
    expect(row).to_contain_text("excluded · motion")
    menu_of(page, other)
    expect(page.locator("[data-row-command=open]")).to_have_attribute("aria-disabled", "true")
    page.locator("[data-row-command=include]").click()
    eventually(lambda: record(folder, other), lambda found: found.status == "unannotated")
    assert annotator.errors == []


def test_who_closes_the_dialog_changes_nothing(annotator: Annotator) -> None:
    page = annotator.page
    name = page.locator("[data-menu-of]").nth(2).get_attribute("data-menu-of")
    assert name is not None
    menu_of(page, name)
    page.locator("[data-row-command=pin]").click()
    page.locator("[data-reason]").wait_for()
    # It is still asked after a reload.
    page.reload()
    page.locator("[data-reason]").wait_for()
    page.keyboard.press("Escape")
    page.locator("[data-reason]").wait_for(state="hidden")
    annotator.wait_for("asked", None)
    assert not record(annotator.server.project, name).pinned


def test_order_and_time_of_the_session_are_kept_in_the_project(annotator: Annotator) -> None:
    page, folder = annotator.page, annotator.server.project

    def selection() -> tuple[str, float | None]:
        with Project.open(folder, read_only=True) as project:
            settings = project.settings.selection
            return settings.strategy, settings.budget_minutes

    page.locator("[data-strategy]").click()
    page.get_by_role("option", name="easy-first").click()
    expect(page.locator("[data-strategy-text]")).to_contain_text("least time")
    field = page.locator("[data-budget] input, input[data-budget]")
    field.fill("25")
    # What the server says while somebody types does not take the typed text away.
    before = annotator.state("ranking")
    page.locator("[data-rank]").dispatch_event("click")
    eventually(lambda: annotator.state("ranking"), lambda found: found != before)
    annotator.wait_for("working", False)
    field.press("Enter")
    eventually(selection, lambda found: found == ("easy-first", 25))
    page.locator("[data-strategy]").click()
    page.get_by_role("option", name="entropy", exact=True).click()
    eventually(selection, lambda found: found == ("entropy", 25))
    expect(field).to_have_value("25")
    told = page.locator("[data-budget-text]")
    expect(told).to_contain_text("cannot be said")
    field.fill("")
    field.press("Enter")
    eventually(selection, lambda found: found == ("entropy", None))
    told.wait_for(state="detached")


def test_how_rounds_grow_is_kept_in_the_project(annotator: Annotator) -> None:
    page, folder = annotator.page, annotator.server.project

    def growth() -> float:
        with Project.open(folder, read_only=True) as project:
            return project.settings.automatic_training.growth

    page.locator("[data-model-tab]").click()
    expect(page.locator("[data-accepted-since]")).to_contain_text("accepted for the next training")
    field = page.locator("[data-growth] input, input[data-growth]")
    expect(field).to_have_value("1.5")
    field.fill("2")
    field.press("Enter")
    eventually(growth, lambda found: found == 2)
    page.get_by_role("tab", name="Queue").click()
    assert annotator.errors == []


def test_the_list_is_sorted_and_found_in(annotator: Annotator) -> None:
    page = annotator.page
    page.locator("[data-sort]").click()
    page.locator("[data-sort-menu]").get_by_text("name", exact=True).click()
    annotator.wait_for("queue_sort", "name")
    page.locator("[data-descending]").click()
    expect(page.locator("[data-series]").first).to_have_attribute("data-series", "phantom_020")
    page.get_by_label("Filter the queue by name or patient").fill("nobody")
    page.get_by_text("No series like that.").wait_for()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("[data-count]")).to_contain_text("20 series")
    page.locator("[data-sort]").click()
    page.locator("[data-sort-menu]").get_by_text("rank", exact=True).click()
    expect(page.locator("[data-series]").first).to_contain_text("1. ")


def test_half_of_a_small_screen_is_left_for_the_rows(annotator: Annotator) -> None:
    box = annotator.page.locator("[data-queue]").bounding_box()
    assert box is not None
    assert box["height"] >= 360
    assert box["y"] + box["height"] <= 720
    wide = annotator.page.evaluate("document.documentElement.scrollWidth")
    assert wide == 1280


def test_everything_to_press_has_a_name(annotator: Annotator) -> None:
    page = annotator.page
    for tab in ("queue", "model", "progress"):
        page.locator(f"[role=tab][value={tab}]").click()
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('button, [role=button], input')]
                .filter(part => part.offsetParent && !part.ariaLabel && !part.innerText.trim()
                    && !part.labels?.length && !part.getAttribute('aria-labelledby')
                    && !part.placeholder && part.ariaHidden !== 'true')
                .map(part => part.outerHTML.slice(0, 200))"""
        )
        assert nameless == []


def test_tables_are_downloaded(annotator: Annotator, tmp_path: Path) -> None:
    page = annotator.page
    page.locator("[data-progress-tab]").click()
    with page.expect_download() as started:
        page.locator("[data-download='queue.csv']").click()
    assert started.value.suggested_filename == "queue.csv"
    started.value.save_as(tmp_path / "queue.csv")
    with (tmp_path / "queue.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 20


@pytest.mark.parametrize(
    "path",
    [
        "downloads/project.toml",
        "downloads/..%2Fproject.toml",
        "exports/project.toml",
        "exports/..%2Fsaim.sqlite",
        "exports/",
    ],
)
def test_no_other_files_are_served(annotator: Annotator, path: str) -> None:
    fetched = annotator.page.evaluate("async path => (await fetch(path)).status", path)
    assert fetched == 404


def test_those_who_watch_are_not_asked(
    annotator: Annotator, other_browser: Callable[[], Annotator]
) -> None:
    page = annotator.page
    other = other_browser()
    other.page.goto(other.server.address)
    other.page.locator("[data-watching]").wait_for()
    name = page.locator("[data-menu-of]").nth(3).get_attribute("data-menu-of")
    assert name is not None
    menu_of(page, name)
    page.locator("[data-row-command=exclude]").click()
    page.locator("[data-reason]").wait_for()
    other.page.wait_for_function("() => window.trame.state.get('asked')")
    assert other.page.locator("[data-reason]").count() == 0
    # Nor can they do it by themselves.
    other.page.evaluate("window.trame.state.set('reason', 'because')")
    other.page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel").click()
    annotator.wait_for("asked", None)
    assert record(annotator.server.project, name).status != "excluded"


def test_the_classes_of_the_project_are_shown(annotator: Annotator) -> None:
    annotator.page.locator("[data-project]").click()
    card = annotator.page.locator("[data-project-card]")
    expect(card).to_contain_text(str(annotator.server.project))
    for name in ("organ", "lesion", "node", "gland"):
        expect(card).to_contain_text(name)
