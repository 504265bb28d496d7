"""Which labels a series begins with when it is opened: its draft, annotation or session."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.campaign.drafts import Drafts, first_labels
from SAIMCore.errors import InvalidLabelmapError, ProjectError
from SAIMCore.interactions import Click
from SAIMCore.predictor import Predictor
from SAIMCore.project.journal import session_path
from SAIMCore.project.project import Project
from SAIMCore.session.interactive import InteractiveSession
from Testing.unit.campaign.stand_ins import publish_model


def written(file: Path, second: int) -> None:
    """Let it be written then."""
    os.utime(file, (second, second))


def save_session(project: Project, name: str) -> np.ndarray:
    """A session with clicks on slice 2 alone; the labels of all its slices."""
    publish_model(project)
    model = project.models.current()
    assert model is not None
    predictor = Predictor.load(model.folder, "cpu")
    session = InteractiveSession(predictor, project.cached(name).slices, name)
    session.add(Click(2, 1, 1, 1))
    project.sessions_folder.mkdir(exist_ok=True)
    session.save(session_path(project, name))
    return session.labels()


def test_a_series_that_nobody_worked_on_begins_with_nothing(plain_project: Project) -> None:
    assert first_labels(plain_project, "pool_a") is None
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        first_labels(plain_project, "nobody")


def test_a_draft_is_kept_until_it_is_accepted(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    drafts = Drafts(plain_project)
    drafts.discard("pool_a")
    drafts.keep("pool_a", plain_labels)
    drafts.keep("pool_a", plain_labels[::-1].copy())
    found = first_labels(plain_project, "pool_a")
    assert found is not None
    assert np.array_equal(found, plain_labels[::-1])
    drafts.discard("pool_a")
    assert first_labels(plain_project, "pool_a") is None


def test_the_newer_of_draft_and_annotation_counts(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    drafts, drawn = Drafts(plain_project), np.ones_like(plain_labels)
    drafts.keep("first", drawn)
    for second, expected in ((1, plain_labels), (4_000_000_000, drawn)):
        written(drafts.path("first"), second)
        found = first_labels(plain_project, "first")
        assert found is not None
        assert np.array_equal(found, expected)


def test_a_later_session_knows_better_about_the_slices_that_were_touched_in_it(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    in_session = save_session(plain_project, "first")
    session, annotation = session_path(plain_project, "first"), plain_project.annotations
    written(annotation.path("first"), 1000)
    written(session, 2000)
    found = first_labels(plain_project, "first")
    assert found is not None
    assert np.array_equal(found[2], in_session[2])
    assert np.array_equal(found[[0, 1, 3]], plain_labels[[0, 1, 3]])
    # An annotation that was filed or restored after it counts as a whole.
    written(session, 500)
    assert np.array_equal(first_labels(plain_project, "first"), plain_labels)  # type: ignore[arg-type]
    session.write_bytes(b"damaged")
    written(session, 2000)
    assert np.array_equal(first_labels(plain_project, "first"), plain_labels)  # type: ignore[arg-type]


def test_what_cannot_be_kept_or_read_is_an_error(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    drafts = Drafts(plain_project)
    with pytest.raises(InvalidLabelmapError, match="do not fit"):
        drafts.keep("pool_a", plain_labels[:2])
    drafts.keep("pool_a", plain_labels)
    drafts.path("pool_a").write_bytes(b"damaged")
    with pytest.raises(InvalidLabelmapError):
        first_labels(plain_project, "pool_a")
    plain_project.close()
    reader = Project.open(plain_project.folder, read_only=True)
    with reader, pytest.raises(ProjectError, match="read-only"):
        Drafts(reader).keep("pool_b", plain_labels)
