"""What a project keeps of an annotator's work on a series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click, Stroke, interaction_from_json
from SAIMCore.memory import create_memory
from SAIMCore.project.journal import ProjectJournal
from SAIMCore.project.project import Project
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal

SHAPE = (4, 6, 5)


class Remembering:
    """Answers with what it remembers: the next answer shows whether the memory is the same."""

    def __init__(self, classes: ClassTable) -> None:
        self.classes = classes
        self.num_classes = len(classes)
        self.memory = create_memory("sequential", self.num_classes, 3)
        self.version = "remembering"
        self.preprocessing = PreprocessingOptions()
        self.device = torch.device("cpu")

    def input_shape(self, height: int, width: int) -> tuple[int, int]:
        return 32, 32

    def probabilities(self, image: Tensor, memory: Tensor) -> Tensor:
        rounds = memory.view(1, -1, self.num_classes, *memory.shape[2:])
        weights = torch.linspace(1, 2, rounds.shape[1])[None, :, None, None, None]
        return ((rounds * weights).sum(dim=1) + image).softmax(dim=1)


@pytest.fixture
def slices() -> np.ndarray:
    return np.random.default_rng(0).normal(size=SHAPE).astype(np.float16)


@pytest.fixture
def session(classes: ClassTable, slices: np.ndarray) -> InteractiveSession:
    made = InteractiveSession(Remembering(classes), slices, "pool_a")
    made.add(Click(1, 2, 3, 1))
    made.add(Click(1, 4, 4, 2))
    made.accept_slice(1)
    made.add(Stroke(2, ((0, 0), (3, 4)), 1, 1))
    return made


def keep(journal: AnnotationJournal, session: InteractiveSession) -> None:
    journal.write(session)()


def reopened(project: Project, slices: np.ndarray) -> InteractiveSession:
    journal: AnnotationJournal = ProjectJournal(project, "pool_a", "bob")
    saved = journal.saved()
    assert saved is not None
    with saved:
        return InteractiveSession.restore(saved, Remembering(project.classes), slices, "pool_a")


def test_reopening_the_project_goes_on_exactly(
    project: Project, session: InteractiveSession, slices: np.ndarray
) -> None:
    assert ProjectJournal(project, "pool_a", "ada").saved() is None
    keep(ProjectJournal(project, "pool_a", "ada"), session)
    project.close()
    with Project.open(project.folder) as again:
        found = reopened(again, slices)
    assert found.accepted_slices == (1,)
    assert [found.interactions(index) for index in range(4)] == [
        session.interactions(index) for index in range(4)
    ]
    assert np.array_equal(found.labels(), session.labels())
    for step in (Click(1, 0, 0, 2), Click(2, 5, 0, 2), Click(0, 3, 3, 1)):
        one, other = session.add(step), found.add(step)
        assert one.probabilities.tobytes() == other.probabilities.tobytes()
        assert np.array_equal(one.labels, other.labels)
    for _ in range(7):
        session.undo(), found.undo()
        assert np.array_equal(found.labels(), session.labels())
    assert not found.can_undo


def test_a_later_session_takes_the_place_of_the_earlier_one(
    project: Project, session: InteractiveSession, slices: np.ndarray
) -> None:
    journal = ProjectJournal(project, "pool_a", "ada")
    keep(journal, session)
    session.add(Click(3, 1, 1, 2))
    keep(journal, session)
    assert reopened(project, slices).interactions(3) == (Click(3, 1, 1, 2),)
    assert [path.name for path in (project.folder / "sessions").iterdir()] == ["pool_a.session"]
    assert ProjectJournal(project, "pool_b", "ada").saved() is None


def test_interactions_and_time_go_to_the_projects_tables(project: Project) -> None:
    journal = ProjectJournal(project, "pool_a", "ada")
    assert journal.seconds_active == 0
    assert project.sessions.all() == []
    made = [Click(1, 2, 3, 1), Stroke(2, ((0, 0), (3, 4)), 2, 1)]
    journal.log(made, "round-001")
    journal.log([Click(0, 0, 0, 0)], None)
    journal.add_active(12.5)
    journal.add_active(2.5)
    log = project.interactions.of("pool_a")
    assert [interaction_from_json(record.content) for record in log] == [*made, Click(0, 0, 0, 0)]
    assert [record.model_version for record in log] == ["round-001", "round-001", None]
    assert {record.annotator for record in log} == {"ada"}
    (sitting,) = project.sessions.all()
    assert (sitting.series, sitting.annotator, sitting.seconds_active) == ("pool_a", "ada", 15)
    assert sitting.file == project.folder / "sessions" / "pool_a.session"


def test_the_time_of_a_series_is_that_of_all_sittings(project: Project) -> None:
    ProjectJournal(project, "pool_a", "ada").add_active(10)
    ProjectJournal(project, "pool_b", "ada").add_active(100)
    journal = ProjectJournal(project, "pool_a", "bob")
    assert journal.seconds_active == 10
    journal.add_active(5)
    assert journal.seconds_active == 15
    assert [record.annotator for record in project.sessions.all("pool_a")] == ["ada", "bob"]


def test_looking_at_a_series_is_no_sitting(project: Project) -> None:
    journal = ProjectJournal(project, "pool_a", "ada")
    journal.saved()
    journal.add_active(0.0)
    assert journal.seconds_active == 0
    assert project.sessions.all() == []


def test_a_read_only_project_shows_what_it_has_and_keeps_nothing(
    project: Project, session: InteractiveSession, slices: np.ndarray
) -> None:
    journal = ProjectJournal(project, "pool_a", "ada")
    journal.add_active(10)
    keep(journal, session)
    project.close()
    before = (project.folder / "sessions" / "pool_a.session").read_bytes()
    with Project.open(project.folder, read_only=True) as again:
        journal = ProjectJournal(again, "pool_a", "bob")
        assert journal.seconds_active == 10
        assert np.array_equal(reopened(again, slices).labels(), session.labels())
        session.add(Click(0, 0, 0, 1))
        with pytest.raises(ProjectError, match="open read-only"):
            journal.log([Click(0, 0, 0, 1)], "round-001")
        with pytest.raises(ProjectError, match="open read-only"):
            journal.add_active(1)
        with pytest.raises(ProjectError, match="open read-only"):
            journal.write(session)
    assert (project.folder / "sessions" / "pool_a.session").read_bytes() == before


def test_an_unknown_series_is_refused(project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        ProjectJournal(project, "nobody", "ada")


def test_a_damaged_session_is_named(
    project: Project, session: InteractiveSession, slices: np.ndarray
) -> None:
    keep(ProjectJournal(project, "pool_a", "ada"), session)
    file: Path = project.folder / "sessions" / "pool_a.session"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ProjectError, match=r"pool_a\.session is damaged"):
        reopened(project, slices)


def test_what_is_in_the_way_of_the_folder_is_named(
    project: Project, session: InteractiveSession
) -> None:
    (project.folder / "sessions").write_text("in the way")
    with pytest.raises(ProjectError, match="sessions: a file of that name is in the way"):
        keep(ProjectJournal(project, "pool_a", "ada"), session)
