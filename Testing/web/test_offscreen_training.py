"""Training on the page: how it goes, how it ends, and when it begins by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.project.project import Project
from SAIMCore.project.settings import NetworkSettings, SelectionSettings
from Testing.unit.campaign.bench import Trainer
from Testing.web.page_bench import PageBench, forget_models


@pytest.fixture
def project(project: Path) -> Path:
    """Before its first training, with a network that is quickly made and asked for no scores."""
    forget_models(project)
    with Project.open(project) as opened:
        opened.change_settings(
            network=NetworkSettings(encoder="resnet18", decoder="unet"),
            selection=SelectionSettings(strategy="random"),
        )
    return project


@pytest.fixture
def make(open_bench: Callable[..., PageBench]) -> Callable[[Trainer], PageBench]:
    """A campaign that is trained by a stand-in; trainings begin at a click alone."""

    def open_with(trainer: Trainer) -> PageBench:
        made = open_bench(trainer)
        made.page.training.train_by_itself(False, 10)
        made.settle()
        return made

    return open_with


def trained(bench: PageBench) -> PageBench:
    bench.page.training.train()
    bench.settle()
    return bench


def begun(bench: PageBench, trainer: Trainer) -> None:
    bench.page.training.train()
    bench.until(lambda: trainer.workers and bench.campaign.training.state.phase == "training")


def test_at_first_nothing_is_under_way(bench: PageBench) -> None:
    training = bench.state.training
    assert training["sentence"] == "No training is under way."
    assert not training["active"]
    assert training["figures"] == []
    assert not training["log"]


def test_a_training_shows_where_it_is_and_its_curve(make: Callable[[Trainer], PageBench]) -> None:
    trainer = Trainer(holds=True)
    bench = make(trainer)
    begun(bench, trainer)
    (worker,) = trainer.workers
    worker.end_epoch(1)
    worker.step(2, 2)
    bench.until(lambda: bench.campaign.training.state.step == 2)
    bench.until(lambda: bench.state.training["figures"][1]["value"] == "2 of 3")
    training = bench.state.training
    assert training["active"]
    figures = {figure["name"]: figure["value"] for figure in training["figures"]}
    assert figures == {"epoch": "2 of 2", "step": "2 of 3", "loss": "0.2500", "left": "3:20"}
    assert "<svg" in training["curve"]
    assert training["percent"] == 83
    trainer.finish()
    bench.settle()
    assert not bench.state.training["active"]


def test_a_paused_training_goes_on(make: Callable[[Trainer], PageBench]) -> None:
    trainer = Trainer(holds=True)
    bench = make(trainer)
    begun(bench, trainer)
    bench.page.training.pause()
    assert trainer.workers[0].asked_to_stop
    trainer.workers[0].stop_as_asked()
    bench.settle()
    assert bench.state.training["resumable"]
    begun(bench, trainer)
    trainer.finish()
    bench.settle()
    assert bench.state.outcome["version"] == "round-001"


def test_giving_up_is_asked_about(make: Callable[[Trainer], PageBench]) -> None:
    trainer = Trainer(holds=True)
    bench = make(trainer)
    begun(bench, trainer)
    bench.page.training.give_up()
    assert "Give up the training of round 1?" in bench.state.question
    bench.messages.answer(False)
    assert bench.campaign.training.state.active
    bench.page.training.give_up()
    bench.messages.answer(True)
    trainer.workers[0].at_work = False
    bench.settle()
    assert "given up" in bench.state.training["sentence"]


def test_a_failure_is_said_and_its_log_shown_when_it_is_asked_for(
    make: Callable[[Trainer], PageBench],
) -> None:
    bench = trained(make(Trainer(scores=[None])))
    assert bench.state.training["failed"]
    assert bench.state.training["sentence"].startswith("The loss became nan")
    assert bench.state.problem.startswith("The training failed: the loss became nan")
    assert bench.state.training["log"]
    log = bench.campaign.training.state.log_file
    assert log is not None
    log.write_text("a line\nthe last line\n", encoding="utf-8")
    assert bench.state.training_log == ""
    bench.state.log_open = True
    bench.settle()
    assert bench.state.training_log == "a line\nthe last line"
    bench.state.log_open = False
    bench.settle()
    assert bench.state.training_log == ""


def test_a_better_model_is_used_at_once_and_compared(make: Callable[[Trainer], PageBench]) -> None:
    bench = make(Trainer(scores=[0.5, 0.6]))
    trained(trained(bench))
    outcome = bench.state.outcome
    assert outcome["version"] == bench.state.model == "round-002"
    assert not outcome["waits"]
    assert [entry["version"] for entry in outcome["models"]] == ["round-002", "round-001"]
    assert [entry["validation"] for entry in outcome["models"]] == ["60.0 %", "50.0 %"]
    assert [entry["test"] for entry in outcome["models"]] == ["60.0 %", "50.0 %"]
    assert bench.state.notice.startswith("Round-002 has a validation mIoU")


def test_a_worse_model_waits_for_the_users_decision(make: Callable[[Trainer], PageBench]) -> None:
    bench = make(Trainer(scores=[0.6, 0.3]))
    trained(trained(bench))
    assert bench.state.model == "round-001"
    outcome = bench.state.outcome
    assert outcome["waits"]
    assert "because it is worse" in outcome["sentence"]
    # It is in the list at once.
    assert bench.state.models[0]["version"] == "round-002"
    bench.page.models.publish("round-002")
    assert "It is worse. Use it all the same" in bench.state.question
    bench.messages.answer(True)
    bench.settle()
    assert bench.state.model == "round-002"
    assert not bench.state.outcome["waits"]


def test_who_keeps_the_present_model_is_not_asked_again(
    make: Callable[[Trainer], PageBench],
) -> None:
    bench = make(Trainer(scores=[0.6, 0.3]))
    trained(trained(bench))
    bench.page.models.keep_present()
    bench.settle()
    assert bench.state.outcome is None
    assert bench.state.model == "round-001"


def test_a_training_begins_by_itself_when_enough_is_accepted(
    make: Callable[[Trainer], PageBench],
) -> None:
    trainer = Trainer()
    bench = make(trainer)
    bench.page.training.train_by_itself(True, "1")
    bench.settle()
    # The labels that came with the images count, too.
    assert bench.state.automatic == {"enabled": True, "accepted": 1, "growth": "1.5"}
    bench.annotate()
    assert len(trainer.workers) == 1
    bench.page.training.train_by_itself(True, "2")
    bench.settle()
    bench.annotate()
    # Each further round takes half as many again.
    assert (bench.state.accepted_since, bench.state.accepted_needed) == (1, 3)
    assert len(trainer.workers) == 1


def test_how_rounds_grow_is_chosen(bench: PageBench) -> None:
    bench.page.training.train_by_itself(True, 7, "2,25")
    bench.settle()
    written = bench.campaign.project.settings.automatic_training
    assert (written.accepted, written.growth) == (7, 2.25)
    assert bench.state.automatic == {"enabled": True, "accepted": 7, "growth": "2.25"}
    # What is chosen beside it leaves it as it is.
    bench.page.training.train_by_itself(accepted="8")
    bench.page.training.train_by_itself(enabled=False)
    bench.settle()
    written = bench.campaign.project.settings.automatic_training
    assert (written.enabled, written.accepted, written.growth) == (False, 8, 2.25)


@pytest.mark.parametrize(("typed", "said"), [("", "is no number"), ("0.5", "1 to 10 times")])
def test_a_growth_that_is_none_is_refused(bench: PageBench, typed: str, said: str) -> None:
    before = dict(bench.state.automatic)
    bench.page.training.train_by_itself(True, 10, typed)
    bench.settle()
    assert said in bench.state.problem
    assert bench.state.automatic == before


@pytest.mark.parametrize(("typed", "said"), [("", "no number"), ("0", "at least 1 accepted")])
def test_a_number_that_is_none_is_refused(bench: PageBench, typed: str, said: str) -> None:
    before = dict(bench.state.automatic)
    bench.page.training.train_by_itself(True, typed)
    bench.settle()
    assert said in bench.state.problem
    assert bench.state.automatic == before


def test_what_a_reload_finds_is_still_there(
    make: Callable[[Trainer], PageBench], open_bench: Callable[..., PageBench]
) -> None:
    bench = trained(make(Trainer(scores=[0.5])))
    version = bench.state.outcome["version"]
    bench.close()
    again = open_bench()
    # Whose training it was nobody knows any more, but the model is listed.
    assert again.state.model == version
