"""Beginning with somebody else's model in a browser: chosen, mapped, and its proposals opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from SAIMCore.project.project import Project
from Testing.web.annotator import Annotator
from Testing.web.page_bench import forget_models
from Testing.web.page_server import PageServer


@pytest.fixture
def annotator(
    project: Path,
    start_server: Callable[..., PageServer],
    make_annotator: Callable[[PageServer], Annotator],
) -> Annotator:
    """Somebody at the page of a project before its first training."""
    forget_models(project)
    made = make_annotator(start_server())
    made.open()
    return made


def test_a_campaign_begins_with_a_colleague_s_labels(annotator: Annotator, labelmaps: Path) -> None:
    page = annotator.page
    page.locator("[data-model-tab]").click()
    expect(page.locator("[data-proposer]")).to_have_text(
        "Nobody proposes: there is no model and no igniter."
    )
    page.locator("[data-igniter-path] input").fill(str(labelmaps))
    page.locator("[data-look-at-igniter]").click()
    expect(page.locator("[data-igniter-class]")).to_have_count(4)
    # Another browser tab of the same user finds all of it.
    typed = page.locator("[data-igniter-class=cyst] input")
    typed.fill("lesion")
    typed.press("Enter")
    annotator.heard()
    annotator.open()
    page.locator("[data-model-tab]").click()
    expect(page.locator("[data-igniter-class=cyst] input")).to_have_value("lesion")
    chosen = page.locator("[data-igniter-class=bone] input")
    chosen.click()
    page.get_by_role("option", name="gland").click()
    page.locator("[data-use-igniter]").click()
    expect(page.locator("[data-proposer]")).to_contain_text("validation mIoU of 100.0 %")
    expect(page.locator("[data-found]")).to_be_hidden()
    # What it proposes is what the series opens with.
    name = annotator.next()
    with Project.open(annotator.server.project, read_only=True) as project:
        assert project.series_named(name).annotation is None
        assert (project.sessions_folder / f"{name}.session").exists()
    assert annotator.errors == []


def test_a_series_that_is_waited_for_can_be_left_for_later(annotator: Annotator) -> None:
    page = annotator.page
    later = page.locator("[data-later]")
    expect(later).to_be_disabled()
    page.evaluate(
        """() => window.trame.state.update({
            awaited: "phantom_003", series_status: "Segmenting phantom_003: 3 of 40 slices."})"""
    )
    expect(page.locator("[data-open-series]")).to_have_text(
        "Segmenting phantom_003: 3 of 40 slices."
    )
    expect(later).to_be_enabled()
