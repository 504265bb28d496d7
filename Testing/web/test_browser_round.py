"""A round in the browser, from the first click to the model that it made and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from SAIMCore.project.project import Project
from SAIMCore.project.settings import NetworkSettings, PublishSettings
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.training.configuration import TrainingConfig
from Testing.unit.campaign.stand_ins import publish_model
from Testing.web.annotator import Annotator, eventually
from Testing.web.page_bench import forget_models
from Testing.web.page_server import PageServer, accepted_labels, kept_interactions, kept_session

FIRST, NEW = "by-hand", "round-001"
# Enough for a model, however bad: such models are as bad as each other.
SHORT = TrainingConfig(
    epochs=2, steps_per_epoch=2, batch_size=2, validation_clicks=1, learning_rate=1e-3
)
# On a busy machine.
TRAINED_SECONDS = 240


@pytest.fixture
def server(project: Path, start_server: Callable[..., PageServer]) -> Iterator[PageServer]:
    """A server of a project that trains in seconds; nothing of a training is left at the end."""
    forget_models(project)
    with Project.open(project) as opened:
        publish_model(opened, FIRST)
        opened.change_settings(
            network=NetworkSettings(encoder="resnet18", decoder="unet"),
            training=SHORT,
            publish=PublishSettings(margin=1.0),
        )
    yield start_server()
    for run in (project / "runs").glob("*"):
        DetachedWorker(run).kill()


def asked_models(folder: Path, name: str) -> list[str | None]:
    """Which model was asked with each interaction on a series."""
    with Project.open(folder, read_only=True) as project:
        return [record.model_version for record in project.interactions.of(name)]


def click(annotator: Annotator, name: str, count: int, right: float) -> None:
    """One more click on the open series, kept as the one of a number."""
    annotator.click(annotator.main, right, 0.5)
    folder = annotator.server.project
    eventually(lambda: kept_interactions(folder, name), lambda found: len(found) == count)


def test_a_round_is_made_in_the_browser(
    server: PageServer, make_annotator: Callable[[PageServer], Annotator]
) -> None:
    folder = server.project
    annotator = make_annotator(server)
    annotator.open()
    page = annotator.page
    accepted = annotator.next()
    click(annotator, accepted, 1, 0.5)
    page.locator("[data-accept]").click()
    page.locator("[data-yes]").click()
    name = annotator.opened_after(accepted)
    assert accepted_labels(folder, accepted) is not None
    click(annotator, name, 1, 0.4)

    page.locator("[data-model-tab]").click()
    page.locator("[data-train]").click()
    page.locator("[data-pause-training]").wait_for()
    # Annotating goes on, and so does the training while the page is loaded anew.
    click(annotator, name, 2, 0.5)
    page.reload()
    annotator.seated()
    assert annotator.state("series") == name
    page.locator("[data-model-tab]").click()
    page.set_default_timeout(1000 * TRAINED_SECONDS)
    page.locator("[data-figures]").wait_for()
    annotator.wait_for("model", NEW)
    page.wait_for_function("() => !window.trame.state.get('training').active")

    # The open series is as it was, and the next click is the new model's.
    before = kept_session(folder, name)
    page.wait_for_function(f"() => window.trame.state.get('effect_status').includes('{NEW}')")
    assert annotator.state("series") == name
    click(annotator, name, 3, 0.6)
    assert asked_models(folder, name) == [FIRST, FIRST, NEW]
    after = kept_session(folder, name)
    assert before is not None
    assert after is not None
    clicked = kept_interactions(folder, name)[-1].slice_index
    for index, state in before.states.items():
        if index != clicked:
            np.testing.assert_array_equal(after.states[index].labels, state.labels)

    expect(page.locator(f"[data-model={NEW}]")).to_contain_text("validation")
    page.locator("[data-progress-tab]").click()
    expect(page.locator("[data-curve] svg circle").first).to_be_visible()

    # Back to the one before.
    page.locator("[data-model-tab]").click()
    page.locator(f"[data-use='{FIRST}']").click()
    page.locator("[data-yes]").click()
    annotator.wait_for("model", FIRST)
    page.wait_for_function(f"() => window.trame.state.get('effect_status').includes('{FIRST}')")
    click(annotator, name, 4, 0.45)
    assert asked_models(folder, name)[-1] == FIRST
    assert annotator.errors == []
    assert server.log == ""
