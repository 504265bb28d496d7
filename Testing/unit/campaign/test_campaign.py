"""A campaign as its panel meets it; window, place and worker do as they are told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.errors import ConfigurationError, ProjectError
from SAIMCore.project.journal import session_path
from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining, NetworkSettings
from SAIMCore.rounds.options import RoundOptions
from Testing.unit.campaign.bench import Bench, Trainer
from Testing.unit.campaign.stand_ins import Desk, Window, publish_model

MakeBench = Callable[..., Bench]

# Has the project open for writing until its input ends.
HOLD = """
import sys
from pathlib import Path
from SAIMCore.project.project import Project
with Project.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(plain_project: Project) -> Path:
    """A project with a pool of three that trains after 2 accepted series, closed."""
    plain_project.change_settings(
        network=NetworkSettings(encoder="resnet18", decoder="unet"),
        automatic_training=AutomaticTraining(accepted=2),
    )
    # What it came with counts for no training.
    record = plain_project.rounds.begin()
    plain_project.rounds.finish(record.number, "cancelled", "before the campaign")
    plain_project.close()
    return plain_project.folder


@pytest.fixture
def with_model(folder: Path) -> Path:
    with Project.open(folder) as project:
        publish_model(project, "first-model")
    return folder


@pytest.fixture
def make(folder: Path) -> Iterator[MakeBench]:
    """Opens the campaign; it is closed after the test."""
    made: list[Bench] = []

    def open_campaign(trainer: Trainer | None = None) -> Bench:
        made.append(Bench(folder, trainer))
        return made[-1]

    yield open_campaign
    for bench in made:
        bench.campaign.close()


@pytest.fixture
def bench(make: MakeBench) -> Bench:
    return make()


def statuses(project: Project) -> list[str]:
    return [record.status for record in project.rounds.all()][1:]


# -- annotating ------------------------------------------------------------------------------------


def test_next_opens_the_head_of_the_queue(bench: Bench) -> None:
    assert bench.window.awake
    bench.campaign.next()
    assert bench.campaign.annotating.status == "Reading pool_a."
    bench.settle()
    assert bench.desk.opened == [("pool_a", None)]
    assert bench.campaign.queue.row("pool_a").status == "in progress"
    assert bench.window.complaints == []


def test_the_series_after_the_open_one_is_prepared_before_it_is_asked_for(
    with_model: Path, make: MakeBench
) -> None:
    bench = make()
    bench.campaign.next()
    bench.settle()
    assert bench.campaign._preparation.name == "pool_b"
    prepared = session_path(bench.project, "pool_b")
    written = prepared.stat().st_mtime_ns
    bench.campaign.next()
    # Nothing is waited for.
    bench.campaign.poll(timeout=0)
    assert bench.desk.opened[-1] == ("pool_b", "first-model")
    assert prepared.stat().st_mtime_ns == written


def test_an_accepted_series_is_filed_and_the_next_one_opens(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    assert bench.annotate(plain_labels) == "pool_a"
    bench.settle()
    assert np.array_equal(bench.project.annotations.load("pool_a"), plain_labels)
    assert bench.campaign.queue.row("pool_a").annotator == "ada"
    assert bench.campaign.annotating.current == "pool_b"
    assert bench.pool() == ["pool_b", "pool_c"]
    assert bench.campaign.queue.overview is not None
    assert bench.campaign.queue.overview.share == 0.5


def test_after_the_last_series_there_is_no_next_one(bench: Bench, plain_labels: np.ndarray) -> None:
    bench.trainer.holds = True
    for _ in range(3):
        bench.annotate(plain_labels)
        bench.settle()
    assert bench.campaign.annotating.current is None
    assert bench.pool() == []
    bench.window.awake = False
    bench.campaign.next()
    assert bench.complaint() == "every series of the pool is annotated"


def test_when_only_the_open_series_is_left_next_says_so(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    bench.trainer.holds = True
    for _ in range(2):
        bench.annotate(plain_labels)
        bench.settle()
    bench.campaign.next()
    assert bench.complaint() == "pool_c, which is open, is the last series of the pool"
    assert bench.campaign.annotating.current == "pool_c"


def test_a_series_that_the_user_does_not_accept_after_all_stays_open(bench: Bench) -> None:
    bench.window.agreeing = False
    bench.open("pool_b")
    bench.campaign.accept_series()
    assert "nothing is segmented as liver" in bench.window.questions[0]
    assert bench.campaign.annotating.current == "pool_b"
    assert bench.window.complaints == []


def test_what_is_saved_for_later_stays_in_the_queue_behind_the_others(bench: Bench) -> None:
    seen = []
    for _ in range(4):
        bench.campaign.next()
        bench.settle()
        seen.append(bench.campaign.annotating.current)
        bench.campaign.save_for_later()
        assert bench.desk.series is None
        assert bench.campaign.annotating.current is None
    assert seen == ["pool_a", "pool_b", "pool_c", "pool_a"]
    assert bench.pool() == ["pool_a", "pool_b", "pool_c"]


def test_next_goes_through_the_queue_and_begins_anew(bench: Bench) -> None:
    for _ in range(5):
        bench.campaign.next()
        bench.settle()
    names = [name for name, _ in bench.desk.opened]
    assert names == ["pool_a", "pool_b", "pool_c", "pool_a", "pool_b"]


def test_next_twice_in_a_row_passes_over_no_series(bench: Bench) -> None:
    bench.campaign.next()
    bench.campaign.next()
    bench.settle()
    assert bench.desk.opened == [("pool_a", None)]


def test_what_was_drawn_without_a_model_is_kept_for_later(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    bench.open("pool_b")
    bench.desk.unkept_labels = plain_labels
    bench.campaign.save_for_later()
    bench.open("pool_b")
    assert bench.desk.series is not None
    assert np.array_equal(bench.desk.series.labels, plain_labels)


def test_what_cannot_be_kept_stays_open_unless_the_user_gives_it_up(bench: Bench) -> None:
    bench.open("pool_b")

    def full() -> None:
        raise ProjectError("the disk is full; free some space and try again")

    bench.desk.on_settling = full
    bench.window.agreeing = False
    for leave in (bench.campaign.save_for_later, bench.campaign.next):
        leave()
        assert bench.complaint() == "the disk is full; free some space and try again"
        assert bench.campaign.annotating.current == "pool_b"
        assert bench.desk.series is not None
    assert "cannot be kept as it is" in bench.window.questions[0]
    bench.window.agreeing = True
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == "pool_a"


def test_an_annotated_series_is_opened_with_its_annotation(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    bench.open("first")
    assert bench.desk.series is not None
    assert np.array_equal(bench.desk.series.labels, plain_labels)
    bench.desk.drawn = plain_labels
    bench.campaign.accept_series()
    assert len(bench.project.annotations.history("first")) == 2


# -- the queue -------------------------------------------------------------------------------------


def test_users_pin_skip_exclude_and_include(bench: Bench) -> None:
    campaign = bench.campaign
    campaign.pin("pool_c", reason="urgent")
    assert bench.pool() == ["pool_c", "pool_a", "pool_b"]
    # What Next opens is prepared anew.
    assert campaign._preparation.name == "pool_c"
    campaign.skip("pool_a", reason="blurred")
    assert bench.pool() == ["pool_c", "pool_b", "pool_a"]
    campaign.exclude("pool_c", "wrong organ")
    assert bench.pool() == ["pool_b", "pool_a"]
    assert campaign.queue.row("pool_c").reason == "wrong organ"
    campaign.open("pool_c")
    assert "is excluded" in bench.complaint()
    campaign.include("pool_c")
    campaign.pin("pool_c", pinned=False)
    campaign.skip("pool_a", skipped=False)
    assert bench.pool() == ["pool_a", "pool_b", "pool_c"]
    campaign.pin("nobody")
    assert "no series 'nobody'" in bench.complaint()


def test_the_pool_is_ranked_in_the_background(with_model: Path, make: MakeBench) -> None:
    bench = make()
    bench.campaign.rank()
    assert bench.campaign.ranking.state.running
    bench.settle()
    rows = [row for row in bench.campaign.queue.rows if row.in_pool]
    scores = [row.score or 0.0 for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert all(row.model_version == "first-model" for row in rows)
    assert not any(row.stale for row in rows)
    assert bench.window.complaints == []


def test_a_ranking_that_is_cancelled_goes_on_where_it_was(
    with_model: Path, make: MakeBench
) -> None:
    bench = make()
    bench.campaign.rank()
    bench.campaign.ranking.cancel()
    bench.settle()
    assert not bench.campaign.ranking.state.running
    assert bench.project.scores.missing("entropy", "first-model") != []
    bench.campaign.rank()
    bench.settle()
    assert bench.project.scores.missing("entropy", "first-model") == []


def test_without_a_model_the_order_that_needs_one_is_refused(bench: Bench) -> None:
    bench.campaign.rank()
    assert "there is no model yet" in bench.complaint()
    bench.campaign.choose_strategy("random")
    bench.campaign.rank()
    bench.settle()
    assert bench.window.complaints == []
    assert all(row.score is not None for row in bench.campaign.queue.rows if row.in_pool)


def test_scores_of_the_order_before_are_not_taken_for_those_of_the_present_one(
    with_model: Path, make: MakeBench
) -> None:
    bench = make()
    bench.campaign.rank()
    bench.campaign.choose_strategy("random")
    bench.settle()
    assert bench.campaign.queue.strategy.name == "random"
    assert all(row.score is None for row in bench.campaign.queue.rows)
    assert bench.project.scores.missing("entropy", "first-model") == []


def test_the_queue_follows_a_choice_although_nothing_else_is_going_on(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    for name in ("pool_a", "pool_b", "pool_c"):
        bench.campaign.exclude(name, "not needed")
    bench.settle()
    bench.window.awake = False
    bench.campaign.choose_strategy("easy-first", 30.0)
    assert bench.window.awake
    bench.settle()
    assert bench.project.settings.selection.budget_minutes == 30.0
    bench.campaign.choose_strategy("easy-first", -1.0)
    assert "budget_minutes must be above 0" in bench.complaint()
    bench.campaign.choose_strategy("alphabetical")
    assert "alphabetical" in bench.complaint()


# -- training and models ---------------------------------------------------------------------------


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


def test_what_was_accepted_while_it_trained_begins_the_next_training(
    make: MakeBench, plain_labels: np.ndarray
) -> None:
    bench = make(Trainer(holds=True))
    bench.project.change_settings(automatic_training=AutomaticTraining(accepted=1))
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
    assert bench.campaign._preparation.name == next(r.name for r in rows if r.name != "pool_b")
    assert session_path(bench.project, bench.campaign._preparation.name).exists()
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


def current(project: Project) -> str | None:
    model = project.models.current()
    return None if model is None else model.version


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


# -- errors ----------------------------------------------------------------------------------------


def test_a_series_that_cannot_be_read_is_named_and_the_others_go_on(
    folder: Path, make: MakeBench
) -> None:
    source = folder.parent / "images" / "pool_a.nii.gz"
    away = source.rename(source.with_name("away"))
    bench = make()
    assert bench.window.complaints == []
    bench.campaign.next()
    bench.settle()
    assert "'pool_a' cannot be read" in bench.complaint()
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == "pool_b"
    # Put back, it is read anew.
    away.rename(source)
    bench.open("pool_a")


def test_errors_of_the_place_are_complaints(bench: Bench, plain_labels: np.ndarray) -> None:
    bench.open("pool_b")
    bench.desk.drawn = None
    bench.campaign.accept_series()
    assert "open the series again" in bench.complaint()
    assert bench.campaign.annotating.current == "pool_b"
    bench.desk.drawn = plain_labels[:2]
    bench.campaign.accept_series()
    assert "are uint8 of shape (2, 6, 5)" in bench.complaint()
    bench.desk.drawn = plain_labels
    bench.campaign.accept_series()
    bench.settle()
    assert bench.window.complaints == []


def test_a_place_that_cannot_show_a_series_is_a_complaint(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ConfigurationError("the segments do not fit; clear them first")

    with monkeypatch.context() as patch:
        patch.setattr(bench.desk, "open", refuse)
        bench.campaign.next()
        bench.settle()
        assert bench.complaint() == "the segments do not fit; clear them first"
        assert bench.campaign.annotating.current is None
    bench.campaign.next()
    bench.settle()
    assert bench.campaign.annotating.current == "pool_b"


def test_a_damaged_model_keeps_nobody_from_annotating(with_model: Path, make: MakeBench) -> None:
    (with_model / "models" / "first-model" / "model.safetensors").write_bytes(b"damaged")
    bench = make()
    bench.campaign.next()
    bench.settle()
    assert "'pool_a' was not segmented beforehand" in bench.complaint()
    bench.campaign.rank()
    bench.settle()
    assert "first-model" in bench.complaint()
    assert bench.campaign.annotating.current == "pool_a"


def test_settings_that_cannot_be_leave_the_project_closed(folder: Path) -> None:
    settings = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(settings.replace('"entropy"', '"by hand"'), "utf-8")
    with pytest.raises(ConfigurationError, match="by hand"):
        Campaign(folder, Window(), Desk(), "ada")
    # Nobody holds it.
    Project.open(folder).close()


def test_what_was_found_when_the_project_was_opened_is_told(folder: Path) -> None:
    (folder / "annotations" / "pool_a.nii.gz").write_bytes(b"never accepted")
    bench = Bench(folder)
    assert "its acceptance was interrupted" in bench.complaint()
    bench.campaign.close()


# -- two at a time, and the end --------------------------------------------------------------------


def test_while_another_process_writes_everything_can_be_looked_at_and_nothing_changed(
    with_model: Path, repository: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(with_model)],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        bench = Bench(with_model)
        campaign = bench.campaign
        assert f"by process {other.pid}" in campaign.read_only_because
        assert [row.name for row in campaign.queue.rows if row.in_pool] == [
            "pool_a", "pool_b", "pool_c",
        ]  # fmt: skip
        before = tree(with_model)
        changing: list[Callable[[], None]] = [
            campaign.next,
            lambda: campaign.open("pool_a"),
            campaign.accept_series,
            campaign.save_for_later,
            lambda: campaign.choose_strategy("random"),
            lambda: campaign.pin("pool_a"),
            lambda: campaign.skip("pool_a"),
            lambda: campaign.exclude("pool_a", "blurred"),
            lambda: campaign.include("pool_a"),
            campaign.rank,
            campaign.train,
            campaign.pause_training,
            campaign.cancel_training,
            lambda: campaign.publish("first-model"),
        ]
        for change in changing:
            change()
            bench.settle()
            assert bench.complaint() == campaign.read_only_because
        assert tree(with_model) == before
        campaign.export("first-model", tmp_path / "out", "folder")
        bench.settle()
        assert len(bench.window.said) == 1
        campaign.close()


def tree(folder: Path) -> dict[str, bytes]:
    """All files of the project but those that a database keeps beside itself."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("saim.sqlite-")
    }


@pytest.mark.parametrize(
    "moment",
    ["at once", "while it reads", "while it ranks", "while it trains", "open", "exporting"],
)
def test_it_can_be_closed_at_any_moment(with_model: Path, moment: str, tmp_path: Path) -> None:
    trainer = Trainer(holds=moment == "while it trains")
    if moment == "at once":
        Campaign(with_model, Window(), Desk(), "ada", "cpu").close()
    else:
        bench = Bench(with_model, trainer)
        campaign = bench.campaign
        {
            "while it reads": campaign.next,
            "while it ranks": campaign.rank,
            "while it trains": lambda: campaign.train(RoundOptions(device="cpu")),
            "open": lambda: bench.open("pool_b"),
            "exporting": lambda: campaign.export("first-model", tmp_path / "out", "folder"),
        }[moment]()
        campaign.close()
        campaign.poll(timeout=0)
        assert bench.desk.series is None
        campaign.close()
        assert bench.window.complaints == []
    with Project.open(with_model) as project:
        assert project.warnings == ()
        assert len(project.series()) == 6


def test_a_training_that_ended_meanwhile_is_taken_over_at_the_next_start(make: MakeBench) -> None:
    first = make(Trainer(holds=True))
    first.campaign.train(RoundOptions(device="cpu"))
    first.settle()
    first.campaign.close()
    first.trainer.finish()
    second = make()
    second.settle()
    assert statuses(second.project) == ["finished"]
    assert current(second.project) == "round-002"
    assert {row.model_version for row in second.campaign.queue.rows if row.in_pool} == {"round-002"}


def test_a_campaign_that_is_closed_with_what_cannot_be_kept_says_so(folder: Path) -> None:
    bench = Bench(folder)
    bench.open("pool_b")

    def full() -> None:
        raise ProjectError("the disk is full; free some space and try again")

    bench.desk.on_settling = full
    bench.window.agreeing = False
    bench.campaign.close()
    assert bench.complaint() == "the disk is full; free some space and try again"
    # It is left to the user of the place.
    assert bench.desk.series is not None
    Project.open(folder).close()
