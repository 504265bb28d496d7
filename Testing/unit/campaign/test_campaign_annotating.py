"""Series are opened, kept for later and accepted; window, place and worker do as they are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from SAIMCore.errors import ProjectError
from SAIMCore.project.journal import session_path
from Testing.unit.campaign.bench import Bench, MakeBench


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
    assert bench.prepared == "pool_b"
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
    assert bench.window.said == ["pool_c is accepted; every series of the pool is annotated"]
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
