"""Trainings of a campaign, and what becomes of their models."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from SAIMCore.project.journal import session_path
from SAIMCore.project.settings import AutomaticTraining
from SAIMCore.rounds.options import RoundOptions
from Testing.unit.campaign.bench import Bench, MakeBench, Trainer, current, statuses
from Testing.unit.campaign.stand_ins import publish_model


def test_a_training_begins_by_itself_when_enough_is_accepted(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    bench.annotate(plain_labels)
    bench.settle()
    assert bench.trainer.workers == []
    bench.annotate(plain_labels)
    bench.settle()
    assert statuses(bench.project) == ["finished"]
    assert bench.campaign.training.state.phase == "finished"
    assert bench.window.said == [bench.campaign.training.state.sentence]


def test_switched_off_no_training_begins_by_itself(
    make: MakeBench, plain_labels: np.ndarray
) -> None:
    bench = make()
    settings = replace(bench.project.settings.automatic_training, enabled=False)
    bench.project.change_settings(automatic_training=settings)
    for _ in range(3):
        bench.annotate(plain_labels)
        bench.settle()
    assert bench.trainer.workers == []


def test_after_a_failure_as_many_must_be_accepted_again(
    make: MakeBench, plain_labels: np.ndarray
) -> None:
    bench = make(Trainer(scores=[None, 0.5]))
    bench.project.change_settings(automatic_training=AutomaticTraining(accepted=1))
    bench.annotate(plain_labels)
    bench.settle()
    assert bench.campaign.training.state.phase == "failed"
    assert bench.campaign.training.state.sentence.startswith("the loss became nan")
    bench.project.change_settings(automatic_training=AutomaticTraining(accepted=2))
    bench.annotate(plain_labels)
    bench.settle()
    assert statuses(bench.project) == ["failed"]
    bench.annotate(plain_labels)
    bench.settle()
    assert statuses(bench.project) == ["failed", "finished"]


def test_a_model_that_is_not_published_is_in_the_overview_too(
    make: MakeBench, plain_labels: np.ndarray
) -> None:
    bench = make(Trainer(scores=[0.6, 0.1]))
    bench.project.change_settings(automatic_training=AutomaticTraining(accepted=1, growth=1))
    for count in (1, 2):
        bench.annotate(plain_labels)
        bench.settle()
        overview = bench.campaign.queue.overview
        assert overview is not None
        assert [model.version for model in overview.models] == [
            model.version for model in bench.project.models.all()
        ]
        assert len(overview.models) == count
    assert [model.current for model in overview.models] == [True, False]


def test_what_was_accepted_while_it_trained_begins_the_next_training(
    make: MakeBench, plain_labels: np.ndarray
) -> None:
    bench = make(Trainer(holds=True))
    bench.project.change_settings(automatic_training=AutomaticTraining(accepted=1, growth=1))
    bench.annotate(plain_labels)
    bench.settle()
    bench.annotate(plain_labels)
    bench.settle()
    assert len(bench.trainer.workers) == 1
    bench.trainer.finish()
    bench.until(lambda: len(bench.trainer.workers) == 2)
    bench.settle()
    bench.trainer.finish()
    bench.settle()
    assert statuses(bench.project) == ["finished", "finished"]
    assert len(bench.trainer.workers) == 2


def test_a_new_model_is_used_everywhere(bench: Bench) -> None:
    bench.open("pool_b")
    bench.campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    assert bench.desk.renewed == 1
    rows = [row for row in bench.campaign.queue.rows if row.in_pool]
    assert {row.model_version for row in rows} == {"round-002"}
    # The next series was prepared without a model before.
    assert bench.prepared == next(r.name for r in rows if r.name != "pool_b")
    assert session_path(bench.project, bench.prepared).exists()
    bench.campaign.next()
    bench.settle()
    assert bench.desk.opened[-1][1] == "round-002"
    assert bench.window.complaints == []


def test_a_model_that_is_published_while_a_series_is_read_does_not_lose_it(
    with_model: Path, make: MakeBench
) -> None:
    bench = make()
    with_other = bench.project
    publish_model(with_other, "second-model", seed=3)
    bench.campaign.open("pool_b")
    bench.campaign.publish("first-model")
    bench.campaign.publish("second-model")
    bench.settle()
    assert bench.desk.opened == [("pool_b", "second-model")]
    assert bench.window.complaints == []


def test_a_worse_model_is_kept_and_published_by_hand(make: MakeBench) -> None:
    bench = make(Trainer(scores=[0.5, 0.3]))
    for _ in range(2):
        bench.campaign.train(RoundOptions(device="cpu"))
        bench.settle()
    assert "not published, because it is worse" in bench.campaign.training.state.sentence
    assert current(bench.project) == "round-002"
    bench.open("pool_a")
    bench.campaign.publish("round-003")
    bench.settle()
    assert current(bench.project) == "round-003"
    assert bench.desk.renewed == 1
    assert "was published, as asked" in bench.campaign.training.state.sentence
    # And the earlier one again.
    bench.campaign.publish("round-002")
    bench.settle()
    assert current(bench.project) == "round-002"
    assert bench.desk.renewed == 2
    assert {row.model_version for row in bench.campaign.queue.rows if row.in_pool} == {"round-002"}
    bench.campaign.publish("round-009")
    assert "no model 'round-009'" in bench.complaint()


def test_a_training_is_paused_resumed_and_given_up(make: MakeBench) -> None:
    bench = make(Trainer(holds=True))
    campaign = bench.campaign
    campaign.pause_training()
    assert "no training is under way" in bench.complaint()
    campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    campaign.train()
    assert "a training is under way" in bench.complaint()
    campaign.pause_training()
    bench.trainer.workers[-1].stop_as_asked()
    bench.settle()
    assert campaign.training.state.phase == "paused"
    campaign.train()
    bench.settle()
    assert len(bench.trainer.workers) == 2
    campaign.cancel_training()
    bench.settle()
    assert statuses(bench.project) == ["cancelled"]
    assert bench.window.complaints == []


def test_a_model_is_exported_in_the_background(
    with_model: Path, make: MakeBench, tmp_path: Path
) -> None:
    bench = make()
    bench.campaign.export("first-model", tmp_path / "out", "folder")
    bench.campaign.export("first-model", tmp_path / "again", "folder")
    assert "another model is being exported" in bench.complaint()
    bench.settle()
    assert bench.window.said == [f"copied first-model to {tmp_path / 'out'}"]
    bench.campaign.export("first-model", tmp_path / "out", "folder")
    bench.settle()
    assert "already exists" in bench.complaint()
    bench.campaign.export("nothing", tmp_path / "other", "folder")
    assert "no model 'nothing'" in bench.complaint()


def test_neither_a_model_to_export_nor_the_queue_waits_for_what_takes_long(
    with_model: Path, make: MakeBench, tmp_path: Path
) -> None:
    bench = make()
    go_on = threading.Event()
    for slow in ("ranking", "thumbnails", "preparation"):
        bench.campaign._executors[slow].submit(go_on.wait)
    bench.campaign.export("first-model", tmp_path / "out", "folder")
    bench.campaign.choose_strategy("random")
    bench.until(lambda: bench.window.said and not bench.campaign.queue.busy)
    go_on.set()


def test_a_poll_in_which_nothing_happens_asks_the_database_nothing(make: MakeBench) -> None:
    bench = make(Trainer(holds=True))
    bench.open("pool_b")
    bench.campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    asked: list[str] = []

    def ask(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", ask)
    try:
        for _ in range(5):
            assert bench.campaign.poll(timeout=0)
        assert asked == []
    finally:
        event.remove(Engine, "before_cursor_execute", ask)


def test_a_poll_waits_no_longer_than_it_is_told_to(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []

    def poll(timeout: float) -> bool:
        waited.append(timeout)
        return False

    monkeypatch.setattr(bench.campaign.training, "poll", poll)
    bench.campaign.poll(timeout=0)
    assert waited == [0]
