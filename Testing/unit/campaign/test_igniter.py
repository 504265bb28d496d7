"""The igniter of a campaign: looked at, mapped, tried in the background, relieved by our model."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from SAIMCore.campaign.igniter import mapping_of
from SAIMCore.errors import ConfigurationError
from SAIMCore.project.igniter_record import read_igniter_record
from SAIMCore.project.journal import session_path
from SAIMCore.project.project import Project
from SAIMCore.rounds.proposer import Proposing
from Testing.unit.campaign.bench import Bench, MakeBench
from Testing.unit.campaign.stand_ins import proposals_until_stopped, publish_model

ALL = ("first", "val", "exam", "pool_a", "pool_b")


@pytest.fixture
def labelmaps(folder: Path, tmp_path: Path) -> Path:
    """Labelmaps of all series but the last of the pool, with a class of another name."""
    made = tmp_path / "colleague"
    made.mkdir()
    for name in ALL:
        shutil.copyfile(tmp_path / "labels" / "val.nii.gz", made / f"{name}.nii.gz")
    (made / "labels.toml").write_text("[labels]\nHepar = 1\n", encoding="utf-8")
    return made


def settle(bench: Bench) -> None:
    bench.until(lambda: not bench.campaign.busy)


def found(bench: Bench, labelmaps: Path) -> None:
    bench.campaign.look_at_igniter(labelmaps)
    settle(bench)
    assert bench.campaign.igniter.state.found is not None, bench.window.complaints


def used(bench: Bench, labelmaps: Path, becomes: str = "liver") -> None:
    found(bench, labelmaps)
    bench.campaign.use_igniter([("Hepar", becomes)])
    settle(bench)


def test_what_is_used_proposes_scores_and_is_opened_with(bench: Bench, labelmaps: Path) -> None:
    assert bench.campaign.igniter.proposer.kind is Proposing.NOBODY
    used(bench, labelmaps)
    igniter = bench.campaign.igniter
    assert igniter.proposer.kind is Proposing.IGNITER
    assert igniter.chosen == str(labelmaps)
    assert igniter.state.found is None
    said = bench.window.said[-1]
    assert "The igniter colleague proposes: the project has no model of its own yet" in said
    assert "1 series have no proposal" in said
    # The series that comes next is prepared with its proposals; nothing of it is annotated.
    rows = {row.name: row for row in bench.campaign.queue.rows}
    assert rows["pool_a"].score is not None
    assert not rows["pool_a"].stale
    assert rows["pool_c"].score is None
    bench.campaign.next()
    bench.until(lambda: bench.campaign.annotating.current is not None)
    name, version = bench.desk.opened[-1]
    assert version == igniter.proposer.version
    assert session_path(bench.project, name).exists()
    assert bench.project.series_named(name).annotation is None


def test_what_is_wrong_is_complained_of_and_nothing_is_set(
    bench: Bench, labelmaps: Path, tmp_path: Path
) -> None:
    campaign = bench.campaign
    campaign.use_igniter([("Hepar", "liver")])
    assert "no igniter was chosen" in bench.window.complaints[-1]
    campaign.look_at_igniter(tmp_path / "nothing.ts")
    settle(bench)
    assert "does not exist; check the path" in bench.window.complaints[-1]
    found(bench, labelmaps)
    campaign.use_igniter([("Hepar", "")])
    assert "say what the igniter's class 'Hepar' becomes here" in bench.window.complaints[-1]
    campaign.use_igniter([("Hepar", "spleen")])
    assert "'spleen', which is no class of this project" in bench.window.complaints[-1]
    # What was found waits until it is used or not.
    (labelmaps / "val.nii.gz").write_bytes(b"no image")
    campaign.use_igniter([("Hepar", "liver")])
    settle(bench)
    assert "val.nii.gz" in bench.window.complaints[-1]
    assert campaign.igniter.state.found is not None
    assert bench.project.settings.igniter is None
    campaign.forget_igniter()
    assert campaign.igniter.state.found is None


def test_one_thing_after_the_other(bench: Bench, labelmaps: Path) -> None:
    bench.campaign.look_at_igniter(labelmaps)
    bench.campaign.look_at_igniter(labelmaps)
    assert bench.window.complaints[-1] == "Looking at the igniter: wait until that is done"
    settle(bench)
    assert bench.campaign.igniter.state.found is not None


def test_it_is_removed(bench: Bench, labelmaps: Path) -> None:
    used(bench, labelmaps)
    bench.campaign.remove_igniter()
    settle(bench)
    assert bench.campaign.igniter.proposer.kind is Proposing.NOBODY
    assert bench.campaign.igniter.chosen == ""
    assert bench.project.settings.igniter is None


def test_an_igniter_that_was_set_elsewhere_is_measured_when_the_campaign_opens(
    folder: Path, labelmaps: Path, make: MakeBench
) -> None:
    from SAIMCore.rounds.igniter_choice import igniter_settings

    with Project.open(folder) as project:
        mapping = mapping_of([("Hepar", "liver")])
        project.change_settings(igniter=igniter_settings(folder, labelmaps, mapping))
    bench = make()
    settle(bench)
    record = read_igniter_record(bench.project)
    assert record is not None
    assert record.figures is not None
    assert "validation mIoU of 100.0 %" in bench.campaign.igniter.proposer.sentence


def test_where_it_is_gone_the_campaign_goes_on(
    folder: Path, labelmaps: Path, make: MakeBench
) -> None:
    before = make()
    used(before, labelmaps)
    before.campaign.close()
    labelmaps.rename(labelmaps.with_name("away"))
    bench = make()
    bench.campaign.open("pool_b")
    bench.until(lambda: bench.campaign.annotating.current is not None)
    settle(bench)
    # Whoever is asked to answer clicks in it says what is wrong; here nobody is.
    assert bench.window.complaints == []
    assert bench.desk.opened[-1][0] == "pool_b"


def test_a_model_that_is_better_takes_over(bench: Bench, labelmaps: Path) -> None:
    used(bench, labelmaps, "background")
    project = bench.project
    publish_model(project, "round-009")
    # It was measured nowhere, so nobody can tell.
    bench.campaign.publish("round-009")
    settle(bench)
    assert bench.campaign.igniter.proposer.kind is Proposing.IGNITER
    assert "it was not compared with round-009 yet" in bench.campaign.igniter.proposer.sentence


def test_a_review_says_the_switch_with_both_figures(bench: Bench, labelmaps: Path) -> None:
    used(bench, labelmaps, "background")
    bench.campaign.train()
    settle(bench)
    record = read_igniter_record(bench.project)
    assert record is not None
    assert record.switch is not None, bench.window.complaints
    # The stand-in for a training says 50 %, the igniter finds nothing.
    assert (record.switch.sustainer, record.switch.igniter) == (0.5, 0.0)
    assert bench.campaign.igniter.proposer.kind is Proposing.MODEL
    told = f"{record.switch.model} had a validation mIoU without clicks of 50.0 % and the igniter"
    assert any(told in sentence for sentence in bench.window.said)


def test_an_igniter_that_is_worse_than_our_model_proposes_nothing(
    bench: Bench, labelmaps: Path
) -> None:
    bench.campaign.train()
    settle(bench)
    used(bench, labelmaps, "background")
    assert bench.campaign.igniter.proposer.kind is Proposing.MODEL
    assert "of 50.0 % and the igniter colleague 0.0 %" in bench.window.said[-1]
    # A better one does, and scores nothing: that is for the model.
    used(bench, labelmaps)
    assert bench.campaign.igniter.proposer.kind is Proposing.IGNITER


def test_a_review_that_was_asked_for_meanwhile_is_made_afterwards(
    bench: Bench, labelmaps: Path
) -> None:
    used(bench, labelmaps, "background")
    held = threading.Event()
    bench.campaign._executors["igniter"].submit(held.wait)
    bench.campaign.look_at_igniter(labelmaps)
    bench.campaign.train()
    bench.until(lambda: bench.project.models.current() is not None)
    bench.until(lambda: not bench.campaign.training.state.active)
    assert bench.campaign.igniter.proposer.kind is Proposing.IGNITER
    held.set()
    settle(bench)
    assert bench.campaign.igniter.proposer.kind is Proposing.MODEL
    assert bench.campaign.igniter.state.found is not None


def test_what_is_tried_can_be_given_up(
    bench: Bench, labelmaps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(bench, labelmaps)
    asked = proposals_until_stopped(monkeypatch)
    bench.campaign.use_igniter([("Hepar", "liver")])
    assert asked.wait(60)
    bench.campaign.stop_igniter()
    settle(bench)
    assert bench.window.complaints == []
    assert bench.project.settings.igniter is None
    # It may be used after all.
    assert bench.campaign.igniter.state.found is not None
    assert not bench.campaign.igniter.state.running


def test_an_open_series_is_answered_as_soon_as_there_is_something(
    bench: Bench, labelmaps: Path
) -> None:
    bench.campaign.next()
    bench.until(lambda: bench.campaign.annotating.current is not None)
    assert bench.desk.opened[-1][1] is None
    used(bench, labelmaps)
    assert bench.desk.renewed == 1
    bench.campaign.remove_igniter()
    settle(bench)
    # It goes on with what it has.
    assert bench.desk.renewed == 1
    assert not any("has no model" in sentence for sentence in bench.window.complaints)


def test_what_a_person_writes_is_read() -> None:
    mapping = mapping_of([("a", " liver + spleen "), ("b", "background")])
    assert mapping.entries == (("a", ("liver", "spleen")), ("b", ("background",)))
    with pytest.raises(ConfigurationError, match="class 'a' becomes here"):
        mapping_of([("a", " + ")])
