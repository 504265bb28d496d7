"""A series is opened, accepted or put away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.campaign.annotating import Annotating
from SAIMCore.campaign.drafts import Drafts
from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.campaign.preparation import SeriesPreparation
from SAIMCore.errors import InvalidImageError, ProjectError
from SAIMCore.interactions import Click
from SAIMCore.project.annotations import Annotations
from SAIMCore.project.project import Project
from Testing.unit.campaign.slow_igniter import SlowIgniter
from Testing.unit.campaign.stand_ins import Desk, Window, publish_model

SECONDS = 60


@dataclass
class Work:
    annotating: Annotating
    project: Project
    desk: Desk
    window: Window

    def open(self, name: str) -> None:
        self.annotating.open(name)
        while self.annotating.awaited is not None:
            self.annotating.poll(timeout=10)


@pytest.fixture
def work(plain_project: Project) -> Iterator[Work]:
    with polite_executor("test") as executor:
        preparation = SeriesPreparation(plain_project, executor, "cpu")
        desk, window = Desk(), Window()
        annotating = Annotating(plain_project, preparation, desk, window, "ada")
        yield Work(annotating, plain_project, desk, window)
        preparation.end()


def test_a_series_is_opened_once_it_is_prepared(work: Work) -> None:
    publish_model(work.project)
    work.annotating.open("pool_b")
    assert work.annotating.awaited == "pool_b"
    assert "pool_b" in work.annotating.status
    assert work.desk.opened == []
    work.open("pool_b")
    assert work.annotating.current == "pool_b"
    assert work.desk.opened == [("pool_b", "round-001")]
    assert work.project.series_named("pool_b").status == "in progress"


def test_who_waits_sees_how_far_an_igniter_is(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_igniter = SlowIgniter(monkeypatch)
    work.annotating.open("pool_b")
    assert work.annotating.status == "Reading pool_b."
    assert slow_igniter.at_work.wait(SECONDS)
    refreshed = work.window.refreshed
    for _ in range(2):
        assert not work.annotating.poll()
    assert work.annotating.status == "Segmenting pool_b: 1 of 4 slices."
    assert work.window.refreshed == refreshed + 1
    # Another one is read from its beginning.
    work.annotating.open("pool_c")
    assert work.annotating.status == "Reading pool_c."
    slow_igniter.may_end.set()
    work.open("pool_c")
    assert work.annotating.status == "Annotating pool_c."


def test_what_is_accepted_is_filed_with_the_effort(work: Work, plain_labels: np.ndarray) -> None:
    publish_model(work.project)
    work.open("pool_b")
    work.desk.drawn = plain_labels

    def on_settling() -> None:
        sitting = work.project.sessions.begin("pool_b", "ada")
        work.project.sessions.add_active(sitting, 90.0)
        work.project.interactions.add("pool_b", [Click(1, 2, 3, 1)] * 2, "ada")

    work.desk.on_settling = on_settling
    record = work.annotating.accept()
    assert record is not None
    assert (record.annotator, record.minutes, record.clicks) == ("ada", 1.5, 2)
    assert record.model_version == "round-001"
    assert work.annotating.current is None
    assert work.desk.series is None
    assert work.window.questions == []
    np.testing.assert_array_equal(work.project.annotations.load("pool_b"), plain_labels)
    assert work.project.series_named("pool_b").status == "annotated"


def test_a_correction_counts_what_it_took_itself(work: Work, plain_labels: np.ndarray) -> None:
    for seconds, minutes in ((60.0, 1.0), (30.0, 0.5)):
        work.open("pool_b")
        work.desk.drawn = plain_labels
        sitting = work.project.sessions.begin("pool_b", "ada")
        work.project.sessions.add_active(sitting, seconds)
        record = work.annotating.accept()
        assert record is not None
        assert record.minutes == pytest.approx(minutes)


def test_a_correction_of_what_was_made_elsewhere_counts_what_it_took_itself(
    work: Work, plain_labels: np.ndarray
) -> None:
    work.project.annotations.accept("pool_b", plain_labels, "bob", minutes=30, clicks=40)
    work.open("pool_b")
    work.desk.drawn = plain_labels
    sitting = work.project.sessions.begin("pool_b", "ada")
    work.project.sessions.add_active(sitting, 120.0)
    work.project.interactions.add("pool_b", [Click(1, 2, 3, 1)] * 3, "ada")
    # It takes nobody any time.
    work.project.annotations.restore("pool_b", 1)
    record = work.annotating.accept()
    assert record is not None
    assert (record.minutes, record.clicks) == (2.0, 3)


def test_doubts_are_asked_about_and_never_block(work: Work) -> None:
    work.open("pool_b")
    work.desk.accepted = (1, 4)
    work.desk.odd = ["the segments extra belong to no class"]
    work.window.agreeing = False
    assert work.annotating.accept() is None
    assert work.annotating.current == "pool_b"
    (question,) = work.window.questions
    assert question == (
        "pool_b: 3 of 4 slices are not accepted; the segments extra belong to no class; nothing is "
        "segmented as liver. Accept the series all the same?"
    )
    assert work.project.series_named("pool_b").annotation is None
    work.window.agreeing = True
    assert work.annotating.accept() is not None


def test_a_full_disk_leaves_the_series_open(
    work: Work, plain_labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.open("pool_b")
    work.desk.drawn = plain_labels

    def full(*arguments: object) -> None:
        raise ProjectError("the disk is full; free some space and try again")

    with monkeypatch.context() as patch:
        patch.setattr(Annotations, "accept", full)
        with pytest.raises(ProjectError, match="disk is full"):
            work.annotating.accept()
    assert work.annotating.current == "pool_b"
    assert work.desk.series is not None
    assert work.annotating.accept() is not None


def test_what_is_filed_is_accepted_whatever_cannot_be_tidied_up(
    work: Work, plain_labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.open("pool_b")
    work.desk.drawn = plain_labels

    def refuse(*_: object) -> None:
        raise ProjectError("writing is not permitted")

    monkeypatch.setattr(work.desk, "close", refuse)
    monkeypatch.setattr(Drafts, "discard", refuse)
    assert work.annotating.accept() is not None
    assert work.window.complaints == ["pool_b is accepted, but writing is not permitted"] * 2
    assert work.annotating.current is None
    assert work.project.series_named("pool_b").status == "annotated"


def test_opening_another_series_puts_the_open_one_away(work: Work) -> None:
    work.open("pool_b")
    work.open("pool_a")
    assert work.annotating.current == "pool_a"
    assert work.project.series_named("pool_b").status == "in progress"
    work.annotating.put_away()
    assert work.annotating.current is None
    assert work.desk.series is None


def test_the_open_series_is_not_opened_again(work: Work) -> None:
    work.open("pool_b")
    work.open("pool_b")
    assert len(work.desk.opened) == 1


def test_an_open_series_that_was_taken_away_from_the_place_is_opened_anew(work: Work) -> None:
    work.open("pool_b")
    # As when somebody deletes its volume: there is nothing to accept.
    work.desk.drawn = None
    with pytest.raises(ProjectError, match="open the series again"):
        work.annotating.accept()
    work.open("pool_b")
    assert work.desk.opened == [("pool_b", None)] * 2
    assert work.annotating.current == "pool_b"
    assert work.desk.labels() is not None


def test_a_series_that_is_excluded_while_it_is_read_is_not_opened(work: Work) -> None:
    work.annotating.open("pool_b")
    work.project.set_status("pool_b", "excluded", "blurred")
    with pytest.raises(ProjectError, match="is excluded; include it"):
        work.open("pool_b")
    assert work.desk.opened == []
    assert work.annotating.current is None
    assert work.project.series_named("pool_b").status == "excluded"


def test_a_series_that_cannot_be_read_is_not_awaited_any_more(work: Work) -> None:
    path: Path = work.project.series_named("pool_b").source.path
    path.unlink()
    with pytest.raises(InvalidImageError):
        work.open("pool_b")
    assert work.annotating.awaited is None
    assert work.annotating.current is None
    assert work.project.series_named("pool_b").status == "unannotated"


def test_an_annotated_series_keeps_its_status_while_it_is_corrected(work: Work) -> None:
    work.open("exam")
    assert work.project.series_named("exam").status == "test"


def test_what_cannot_be_annotated_is_refused(work: Work) -> None:
    work.project.set_status("pool_a", "excluded", "blurred")
    with pytest.raises(ProjectError, match="is excluded"):
        work.annotating.open("pool_a")
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        work.annotating.open("nobody")
    with pytest.raises(ProjectError, match="no series is open"):
        work.annotating.accept()
    work.annotating.open("pool_b")
    with pytest.raises(ProjectError, match="pool_b is still being read; wait"):
        work.annotating.accept()


def test_an_excluded_series_is_refused_before_anything_is_asked(work: Work) -> None:
    work.open("pool_b")
    work.project.set_status("pool_b", "excluded", "blurred")
    with pytest.raises(ProjectError, match="is excluded; include it"):
        work.annotating.accept()
    assert work.window.questions == []
    # What was done in it is kept, in case it comes back.
    assert work.desk.series is not None
